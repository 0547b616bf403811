/** Which field fills which, stream by stream, as it is in force; with every version there was. */
import { Stack, Text } from "@mantine/core";
import { IconArrowsJoin } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { MappingDrawer } from "@/features/connections/detail/mapping-drawer";
import { mappingsQuery, type Mapping } from "@/features/connections/mappings-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { Probability } from "@/ui/probability";
import { Unknown } from "@/ui/unknown";
import { text, useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";

const FIELDS = { mapping: text() };

export function MappingsPanel({ connectionId }: { connectionId: string }) {
  const { data, error, refetch } = useQuery(mappingsQuery(connectionId));
  const [{ mapping }, set] = useUrlState(FIELDS);
  return (
    <Stack gap="md">
      <DataTable
        label="Mappings"
        columns={COLUMNS}
        rows={data}
        rowKey={({ stream }) => stream}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ stream }) => set({ mapping: stream }, true)}
        minWidth={940}
        rowHeight={52}
        likely={4}
        empty={
          <Empty title="Nothing is matched yet" icon={<IconArrowsJoin size={24} stroke={1.6} />}>
            The first sync matches fields with those of the views. What is not sure enough waits among the approvals.
          </Empty>
        }
      />
      <MappingDrawer connectionId={connectionId} stream={mapping} onClose={() => set({ mapping: "" })} />
    </Stack>
  );
}

const COLUMNS: Column<Mapping>[] = [
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
    key: "entity",
    header: "Entity",
    width: "140px",
    cell: ({ entity }) => entity ?? <Unknown why="It fits no entity, and only lands as it came" />,
  },
  { key: "version", header: "Version", width: "84px", align: "right", cell: ({ version }) => formatCount(version) },
  { key: "rules", header: "Rules", width: "74px", align: "right", cell: ({ rules }) => formatCount(rules.length) },
  {
    key: "least",
    header: "Least sure",
    width: "140px",
    cell: ({ rules }) =>
      rules.length === 0 ? (
        <Unknown why="It has no rule" />
      ) : (
        <Probability value={Math.min(...rules.map(({ probability }) => probability))} />
      ),
  },
  {
    key: "why",
    header: "Made because",
    cell: ({ reason }) => (
      <Text size="sm" lineClamp={2} title={reason}>
        {reason}
      </Text>
    ),
  },
  {
    key: "by",
    header: "By",
    width: "180px",
    cell: ({ decided_by, decided_at }) => (
      <>
        <Text size="sm" truncate title={decided_by}>
          {decided_by}
        </Text>
        <When at={decided_at} size="xs" />
      </>
    ),
  },
];
