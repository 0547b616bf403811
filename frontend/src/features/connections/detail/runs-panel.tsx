/** Every sync and replay of the connection, newest first; the one that runs counts up while one looks. */
import { Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";

import { itemsOf } from "@/api/queries/infinite";
import { connectionSyncsQuery, type Sync } from "@/features/connections/connection-syncs-query";
import { RunDrawer } from "@/features/connections/detail/run-drawer";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { LoadMore } from "@/ui/load-more";
import { formatSeconds } from "@/ui/numbers";
import { RecordCounts } from "@/ui/record-counts";
import { isWaiting, RunStatus } from "@/ui/run-status";
import { Unknown } from "@/ui/unknown";
import { text, useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";

const FIELDS = { run: text() };

export function RunsPanel({ connectionId }: { connectionId: string }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    connectionSyncsQuery(connectionId),
  );
  const [{ run }, set] = useUrlState(FIELDS);
  const rows = itemsOf(data);
  return (
    <>
      <DataTable
        label="Runs"
        columns={COLUMNS}
        rows={rows}
        rowKey={(sync) => sync.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(sync) => set({ run: sync.id }, true)}
        minWidth={860}
        rowHeight={56}
        empty={
          <Empty title="It was never synced" icon={<IconRefresh size={24} stroke={1.6} />}>
            “Sync now” reads it once; a schedule in its settings does it again and again.
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
      <RunDrawer syncId={run} onClose={() => set({ run: "" })} />
    </>
  );
}

const COLUMNS: Column<Sync>[] = [
  { key: "status", header: "State", width: "130px", cell: ({ status }) => <RunStatus status={status} /> },
  {
    key: "what",
    header: "What",
    width: "130px",
    cell: ({ kind, is_sample }) => (
      <Text size="sm">
        {kind}
        {is_sample && (
          <Text span size="xs" c="dimmed">
            , sample
          </Text>
        )}
      </Text>
    ),
  },
  {
    key: "result",
    header: "Result",
    cell: (sync) =>
      sync.error != null ? (
        <Text size="sm" truncate title={sync.error.message}>
          {sync.error.message}
        </Text>
      ) : isWaiting(sync.status) ? (
        <Unknown why="It has not begun" />
      ) : (
        <RecordCounts counts={sync.counts} />
      ),
  },
  {
    key: "by",
    header: "Asked by",
    width: "170px",
    cell: ({ requested_by }) => (
      <Text size="sm" truncate title={requested_by}>
        {requested_by}
      </Text>
    ),
  },
  { key: "at", header: "Asked", width: "130px", cell: ({ requested_at }) => <When at={requested_at} size="sm" /> },
  {
    key: "took",
    header: "Took",
    width: "100px",
    align: "right",
    cell: ({ duration_s: took }) => (took == null ? <Unknown why="It has not ended" /> : formatSeconds(took)),
  },
];
