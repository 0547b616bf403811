/** The fields of a shape, and what their values are like as counts: never a value. */
import { Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { shapeQuery, type WholeShape } from "@/features/connections/shape-query";
import { DataTable, type Column } from "@/ui/data-table";
import { formatCount, formatShare } from "@/ui/numbers";
import { Unknown } from "@/ui/unknown";

type Field = WholeShape["shape"][number];

export function ShapeFields({ shapeId }: { shapeId: string }) {
  const { data, error, refetch } = useQuery(shapeQuery(shapeId));
  return (
    <section aria-label="Fields">
      <Title order={3} size="h5" mb="xs">
        Fields
      </Title>
      <DataTable
        label="Fields of this shape"
        columns={COLUMNS}
        rows={data?.shape}
        rowKey={({ name }) => name}
        error={error}
        onRetry={() => void refetch()}
        minWidth={620}
        rowHeight={44}
        maxHeight="60vh"
      />
      {data !== undefined && (
        <Text size="xs" c="dimmed" mt={6}>
          Key: {data.primary_key.length === 0 ? "none" : data.primary_key.join(", ")}. Read as {data.mode}
          {data.rows === null ? "" : `, ${formatCount(data.rows)} records then`}. Shares are of a sample.
        </Text>
      )}
    </section>
  );
}

const COLUMNS: Column<Field>[] = [
  {
    key: "name",
    header: "Field",
    cell: ({ name }) => (
      <Text size="sm" fw={600} truncate title={name}>
        {name}
      </Text>
    ),
  },
  {
    key: "type",
    header: "Type",
    width: "150px",
    cell: ({ type, declared }) => (
      <Text size="sm" truncate title={declared === null ? undefined : `declared as ${declared}`}>
        {type}
      </Text>
    ),
  },
  {
    key: "nullable",
    header: "May be empty",
    width: "110px",
    cell: ({ nullable }) => (nullable === null ? <Unknown why="No row was seen" /> : nullable ? "yes" : "no"),
  },
  {
    key: "empty",
    header: "Empty",
    width: "84px",
    align: "right",
    cell: ({ sketch }) => (sketch === null ? <Unknown why="No value was sampled" /> : formatShare(sketch.null_share)),
  },
  {
    key: "distinct",
    header: "Distinct",
    width: "90px",
    align: "right",
    cell: ({ sketch }) => (sketch === null ? <Unknown why="No value was sampled" /> : formatCount(sketch.distinct)),
  },
];
