/** The columns of a view with what fills them; each opens to its source fields. */
import { Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { coverageQuery, type ColumnCoverage } from "@/api/queries/coverage-query";
import { LINEAGE_FIELDS } from "@/features/lineage/fields";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatShare } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { Unknown } from "@/ui/unknown";
import { useUrlState } from "@/ui/use-url-state";

const COLUMNS: Column<ColumnCoverage>[] = [
  {
    key: "column",
    header: "Column",
    width: "30%",
    cell: ({ column }) => (
      <Text size="sm" fw={600} truncate>
        {column}
      </Text>
    ),
  },
  {
    key: "filled",
    header: "Filled",
    width: "100px",
    align: "right",
    cell: ({ filled }) => (filled === null ? <Unknown why="The view has no rows" /> : formatShare(filled)),
  },
  {
    key: "sources",
    header: "Streams that fill it",
    cell: ({ sources }) => (
      <Text size="sm" truncate c={sources.length === 0 ? "dimmed" : undefined} title={sources.join(", ")}>
        {sources.length === 0 ? "none" : sources.join(", ")}
      </Text>
    ),
  },
];

export function ColumnsPanel({ view }: { view: string }) {
  const { data, error, refetch } = useQuery(coverageQuery());
  const [{ q }, set] = useUrlState(LINEAGE_FIELDS);
  const wanted = q.trim().toLowerCase();
  const found = data?.views
    .find((each) => each.view === view)
    ?.columns.filter((each) => [each.column, ...each.sources].some((word) => word.toLowerCase().includes(wanted)))
    // Those that something fills come first; within them the order of the model.
    .sort((left, right) => Number(right.sources.length > 0) - Number(left.sources.length > 0));
  return (
    <SectionCard
      title="Columns"
      hint="Open one to see the source fields behind it"
      actions={
        <TextInput
          type="search"
          aria-label="Find a column"
          placeholder="Find a column or stream"
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={({ currentTarget }) => set({ q: currentTarget.value })}
          w={{ base: "100%", xs: 260 }}
        />
      }
    >
      <DataTable
        label={`Columns of ${view}`}
        columns={COLUMNS}
        rows={data === undefined ? undefined : (found ?? [])}
        rowKey={({ column }) => column}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ column }) => set({ column, q: "" }, true)}
        rowHeight={42}
        minWidth={520}
        maxHeight={480}
        likely={10}
        empty={<Empty title="No column fits">Look for another name, or choose another view.</Empty>}
      />
    </SectionCard>
  );
}
