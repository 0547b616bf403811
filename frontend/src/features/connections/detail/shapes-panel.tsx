/** The shapes in which the streams of a connection were seen, newest first, and how one differs from the one before. */
import { Code, Select, Stack, Text } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { ShapeDrawer } from "@/features/connections/detail/shape-drawer";
import { fingerprintsQuery, type Shape } from "@/features/connections/fingerprints-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { StatusBadge } from "@/ui/status-badge";
import { text, useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";

const FIELDS = { stream: text(), shape: text() };

export function ShapesPanel({ connectionId }: { connectionId: string }) {
  const { data, error, refetch } = useQuery(fingerprintsQuery(connectionId));
  const [{ stream, shape }, set] = useUrlState(FIELDS);
  const streams = [...new Set(data?.map((each) => each.stream))].sort();
  const rows = data?.filter((each) => stream === "" || each.stream === stream);
  return (
    <Stack gap="md">
      {streams.length > 1 && (
        <Select
          aria-label="Stream"
          placeholder="Every stream"
          data={streams}
          value={stream === "" ? null : stream}
          onChange={(next) => set({ stream: next ?? "" })}
          clearable
          searchable
          maw={320}
        />
      )}
      <DataTable
        label="Schema history"
        columns={COLUMNS}
        rows={rows}
        rowKey={(each) => each.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(each) => set({ shape: each.id }, true)}
        minWidth={960}
        empty={
          <Empty title="No shape was seen yet" icon={<IconFingerprint size={24} stroke={1.6} />}>
            Each sync notes names and types of what it reads; a change of those appears here.
          </Empty>
        }
      />
      <ShapeDrawer shapes={data} shapeId={shape} onClose={() => set({ shape: "" })} />
    </Stack>
  );
}

const COLUMNS: Column<Shape>[] = [
  {
    key: "stream",
    header: "Stream",
    cell: ({ stream }) => (
      <Text size="sm" fw={600} truncate title={stream}>
        {stream}
      </Text>
    ),
  },
  {
    key: "digest",
    header: "Fingerprint",
    width: "140px",
    cell: ({ digest }) => <Code fz={12}>{digest.slice(0, 12)}</Code>,
  },
  { key: "fields", header: "Fields", width: "80px", align: "right", cell: ({ fields }) => formatCount(fields) },
  {
    key: "standing",
    header: "Standing",
    width: "140px",
    cell: ({ is_baseline, decided_by }) =>
      is_baseline ? (
        <StatusBadge size="sm" tone="good" hint="Drift is measured against it.">
          approved
        </StatusBadge>
      ) : decided_by === null ? (
        <StatusBadge size="sm" tone="waiting" hint="Nobody approved this shape.">
          seen
        </StatusBadge>
      ) : (
        <StatusBadge size="sm" tone="off" hint="Another shape took its place.">
          earlier
        </StatusBadge>
      ),
  },
  {
    key: "by",
    header: "Approved by",
    width: "160px",
    cell: ({ decided_by }) => (
      <Text size="sm" truncate c={decided_by === null ? "dimmed" : undefined}>
        {decided_by ?? "nobody"}
      </Text>
    ),
  },
  {
    key: "first",
    header: "First seen",
    width: "130px",
    cell: ({ first_seen_at }) => <When at={first_seen_at} size="sm" />,
  },
  {
    key: "last",
    header: "Last seen",
    width: "130px",
    cell: ({ last_seen_at }) => <When at={last_seen_at} size="sm" />,
  },
];
