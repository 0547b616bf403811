/** Records of a stream as the source gives them, without the columns that are left out or hashed. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { previewQuery, type Preview } from "@/features/connections/preview-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";

type Row = { at: number; values: Preview["records"][number] };

const WAITING: Column<Row>[] = Array.from({ length: 5 }, (_, at) => ({ key: `${at}`, header: "…", cell: () => null }));
const COLUMN_PX = 150;

interface PreviewTableProps {
  connectionId: string;
  /** undefined while it is not known which there are. */
  stream: string | undefined;
}

export function PreviewTable({ connectionId, stream }: PreviewTableProps) {
  const { data, error, refetch } = useQuery({
    ...previewQuery(connectionId, stream ?? ""),
    enabled: stream !== undefined,
  });
  if (error !== null && data === undefined) return <RefusalFailure error={error} onRetry={() => void refetch()} />;
  const columns = data === undefined ? WAITING : data.columns.filter(({ taken }) => taken !== "dropped").map(columnOf);
  const hidden = data?.columns.filter(({ taken }) => taken === "dropped").map(({ name }) => name) ?? [];
  return (
    <div>
      <DataTable
        label={`Records of ${stream ?? "the stream"}`}
        columns={columns}
        rows={data?.records.map((values, at) => ({ at, values }))}
        rowKey={({ at }) => `${at}`}
        rowHeight={38}
        likely={20}
        maxHeight={480}
        minWidth={columns.length * COLUMN_PX}
        empty={<Empty title="This stream is empty now">What comes later is read by the next sync.</Empty>}
      />
      <Text size="xs" c="dimmed" mt={6} mih={18}>
        {hidden.length > 0 && `Left out: ${hidden.join(", ")}. `}
        {data?.cut === true && "Long values are shortened here; they are read whole."}
      </Text>
    </div>
  );
}

function columnOf({ name, type, taken }: Preview["columns"][number]): Column<Row> {
  return {
    key: name,
    width: `${COLUMN_PX}px`,
    header: (
      <span title={`${name}: ${type}`}>
        {name}{" "}
        <Text span size="xs" c="dimmed" fw={500}>
          {taken === "hashed" ? "hashed" : type}
        </Text>
      </span>
    ),
    cell: ({ values }) => <Value value={values[name]} isHashed={taken === "hashed"} />,
  };
}

function Value({ value, isHashed }: { value: string | null | undefined; isHashed: boolean }) {
  if (isHashed)
    return (
      <Text span size="xs" c="dimmed">
        not shown
      </Text>
    );
  if (value === null || value === undefined)
    return (
      <Text span size="xs" c="dimmed" fs="italic">
        empty
      </Text>
    );
  return (
    <Text size="sm" truncate title={value}>
      {value}
    </Text>
  );
}
