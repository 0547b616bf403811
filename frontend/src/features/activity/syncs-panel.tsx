/** Syncs and replays of every connection, live; each leads to its streams and notes. */
import { Select, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { itemsOf } from "@/api/queries/infinite";
import { useMay } from "@/api/queries/me-query";
import { CancelSync } from "@/features/activity/cancel-sync";
import { ConnectionLink } from "@/features/activity/connection-link";
import { syncsQuery, type Sync } from "@/features/activity/syncs-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { LoadMore } from "@/ui/load-more";
import { formatSeconds } from "@/ui/numbers";
import { RecordCounts } from "@/ui/record-counts";
import { isWaiting, RunStatus } from "@/ui/run-status";
import { Unknown } from "@/ui/unknown";
import { oneOf, useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";

const STATUSES = ["requested", "queued", "running", "succeeded", "failed", "canceled"] as const;
const FIELDS = { sync: oneOf(STATUSES, null) };

export function SyncsPanel() {
  const [{ sync: status }, set] = useUrlState(FIELDS);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(syncsQuery(status));
  const navigate = useNavigate();
  const mayCancel = useMay()("tasks.write");
  const rows = itemsOf(data);
  return (
    <Stack gap="md">
      <Select
        aria-label="State"
        placeholder="Every state"
        clearable
        data={STATUSES.map((value) => ({ value, label: value === "requested" ? "asked for" : value }))}
        value={status}
        onChange={(next) => set({ sync: STATUSES.find((each) => each === next) ?? null })}
        w={{ base: "100%", xs: 200 }}
      />
      <DataTable
        label="Syncs"
        columns={mayCancel && rows?.some(({ status }) => isWaiting(status)) ? [...COLUMNS, CANCEL] : COLUMNS}
        rows={rows}
        rowKey={(sync) => sync.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(sync) =>
          void navigate({ to: `/connections/${sync.connection_id}`, search: { tab: "runs", run: sync.id } as never })
        }
        minWidth={740}
        phoneWidth={320}
        rowHeight={56}
        likely={10}
        empty={
          <Empty
            title={status === null ? "Nothing was synced yet" : "No sync stands there"}
            icon={<IconRefresh size={24} stroke={1.6} />}
          >
            {status === null ? "Connect a source: its syncs appear here, by schedule or by hand." : undefined}
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
    </Stack>
  );
}

const CANCEL: Column<Sync> = {
  key: "cancel",
  header: "",
  width: "96px",
  align: "right",
  cell: (sync) => (isWaiting(sync.status) ? <CancelSync syncId={sync.id} /> : null),
};

const COLUMNS: Column<Sync>[] = [
  { key: "status", header: "State", width: "126px", cell: ({ status }) => <RunStatus status={status} /> },
  {
    key: "connection",
    header: "Connection",
    cell: ({ id, connection_id, kind, is_sample, requested_at }) => (
      <>
        <ConnectionLink connectionId={connection_id} run={id} />
        <Text size="xs" c="dimmed" truncate>
          {kind}
          {is_sample && ", sample"}
          <Text span inherit hiddenFrom="sm">
            {", "}
            <When at={requested_at} size="xs" />
          </Text>
        </Text>
      </>
    ),
  },
  {
    key: "result",
    header: "Result",
    width: "35%",
    from: "sm",
    cell: ({ error, status, counts }) =>
      error != null ? (
        <Text size="sm" lineClamp={2} title={error.hint ?? undefined}>
          {error.message}
        </Text>
      ) : isWaiting(status) ? (
        <Unknown why="It has not begun" />
      ) : (
        <RecordCounts counts={counts} />
      ),
  },
  {
    key: "by",
    header: "Asked by",
    width: "200px",
    from: "lg",
    cell: ({ requested_by }) => (
      <Text size="sm" truncate title={requested_by}>
        {requested_by}
      </Text>
    ),
  },
  {
    key: "at",
    header: "Asked",
    width: "130px",
    from: "sm",
    cell: ({ requested_at }) => <When at={requested_at} size="sm" />,
  },
  {
    key: "took",
    header: "Took",
    width: "86px",
    align: "right",
    cell: ({ duration_s: took }) => (took == null ? <Unknown why="It has not ended" /> : formatSeconds(took)),
  },
];
