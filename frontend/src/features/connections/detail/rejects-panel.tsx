/** Records that could not be taken, by what is wrong with them, and each with its fields. */
import { Group, Select, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { itemsOf } from "@/api/queries/infinite";
import { rejectColumns } from "@/features/connections/detail/reject-columns";
import { HeldNote, useHeldStreams } from "@/features/connections/detail/held-note";
import { RejectDrawer } from "@/features/connections/detail/reject-drawer";
import { RejectReasons } from "@/features/connections/detail/reject-reasons";
import { rejectsQuery } from "@/features/connections/rejects-query";
import { rejectsSummaryQuery } from "@/features/connections/rejects-summary-query";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { LoadMore } from "@/ui/load-more";
import { CardSkeleton } from "@/ui/skeletons";
import { text, useUrlState, whole } from "@/ui/use-url-state";

const FIELDS = { stream: text(), reject: whole(0) };

export function RejectsPanel({ connectionId }: { connectionId: string }) {
  const [{ stream, reject }, set] = useUrlState(FIELDS);
  const summary = useQuery(rejectsSummaryQuery(connectionId));
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    rejectsQuery(connectionId, stream),
  );
  const rows = itemsOf(data)?.map((record, at) => ({ record, at: at + 1 }));
  const held = useHeldStreams(connectionId);
  const streams = [...new Set(summary.data?.reasons.map((reason) => reason.stream))].sort();
  // Reasons above and records below come together, so that nothing moves.
  if (summary.isPending) return <CardSkeleton lines={12} />;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" flex="1 1 18rem">
          As the published views have it. A record leaves this list once a later version of it is accepted.
        </Text>
        {(streams.length > 1 || stream !== "") && (
          <Select
            aria-label="Stream"
            placeholder="Every stream"
            data={streams.includes(stream) || stream === "" ? streams : [stream, ...streams]}
            value={stream === "" ? null : stream}
            onChange={(next) => set({ stream: next ?? "", reject: 0 })}
            clearable
            searchable
            w={260}
          />
        )}
      </Group>
      {held.length > 0 && <HeldNote connectionId={connectionId} streams={held} />}
      <RejectReasons connectionId={connectionId} onStream={(next) => set({ stream: next })} />
      <DataTable
        label="Rejected records"
        columns={rejectColumns}
        rows={rows}
        rowKey={({ at }) => `${at}`}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ at }) => set({ reject: at }, true)}
        minWidth={860}
        rowHeight={52}
        empty={
          <Empty
            title={held.length === 0 ? "Every record was taken" : "No other record is rejected"}
            icon={<IconCircleCheck size={24} stroke={1.6} />}
          >
            Records that do not fit appear here with the field, the value and the reason.
          </Empty>
        }
      />
      {rows !== undefined && rows.length > 0 && (
        <LoadMore
          hasMore={hasNextPage}
          isLoading={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
          end="These are all."
        />
      )}
      <RejectDrawer record={rows?.[reject - 1]?.record} onClose={() => set({ reject: 0 })} />
    </Stack>
  );
}
