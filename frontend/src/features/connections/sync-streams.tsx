/** What a sync did to each stream, as far as it has come. */
import { Text } from "@mantine/core";

import type { SyncDetail } from "@/features/connections/sync-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { StatusBadge } from "@/ui/status-badge";

type Row = { name: string; counts: SyncDetail["streams"][string] };

const FIGURES = ["read", "loaded", "rejected", "unchanged", "deleted", "held"] as const;

interface SyncStreamsProps {
  /** undefined until it has begun. */
  sync: SyncDetail | undefined;
  /** How many streams it is likely to have. */
  likely?: number;
}

export function SyncStreams({ sync, likely = 3 }: SyncStreamsProps) {
  const rows = sync && Object.entries(sync.streams).map(([name, counts]) => ({ name, counts }));
  return (
    <DataTable
      label="Streams of this sync"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ name }) => name}
      minWidth={720}
      rowHeight={44}
      maxHeight={360}
      likely={likely}
      empty={<Empty title="No stream was begun">What is read appears here while the sync runs.</Empty>}
    />
  );
}

const COLUMNS: Column<Row>[] = [
  {
    key: "stream",
    header: "Stream",
    cell: ({ name, counts }) => (
      <>
        <Text size="sm" fw={600} truncate title={name}>
          {name}
        </Text>
        {counts.error != null && (
          <Text size="xs" c="dimmed" truncate title={counts.error.hint ?? undefined}>
            {counts.error.message}
          </Text>
        )}
      </>
    ),
  },
  ...FIGURES.map((figure): Column<Row> => ({
    key: figure,
    header: figure.charAt(0).toUpperCase() + figure.slice(1),
    width: "88px",
    align: "right",
    cell: ({ counts }) => (
      <Text span size="sm" c={counts[figure] === 0 ? "dimmed" : undefined} fw={counts[figure] === 0 ? 500 : 650}>
        {formatCount(counts[figure])}
      </Text>
    ),
  })),
  {
    key: "balance",
    header: "Balance",
    width: "112px",
    cell: ({ counts }) => <Balance balances={counts.balances} failed={counts.error != null} />,
  },
];

function Balance({ balances, failed }: { balances: boolean | null; failed: boolean }) {
  if (failed)
    return (
      <StatusBadge size="sm" tone="bad">
        failed
      </StatusBadge>
    );
  if (balances === null)
    return (
      <Text span size="xs" c="dimmed">
        when it is done
      </Text>
    );
  return balances ? (
    <StatusBadge size="sm" tone="good" hint="read = loaded + rejected + unchanged">
      even
    </StatusBadge>
  ) : (
    <StatusBadge size="sm" tone="bad" hint="read is not loaded + rejected + unchanged">
      off
    </StatusBadge>
  );
}
