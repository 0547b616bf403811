/** Columns of a stream, each taken as it is, as a keyed digest, or left out. */
import { Select, Text } from "@mantine/core";

import { isNeeded, takingOf, withTaking, type Choice, type Taking } from "@/features/connections/choices";
import type { SourceStream } from "@/features/connections/discover-query";
import { DataTable, type Column } from "@/ui/data-table";
import { formatShare } from "@/ui/numbers";

type Field = SourceStream["fields"][number];

const TAKINGS: { value: Taking; label: string }[] = [
  { value: "as_is", label: "Take" },
  { value: "hashed", label: "Hash" },
  { value: "dropped", label: "Leave out" },
];

interface ColumnTableProps {
  stream: SourceStream;
  choice: Choice;
  onChoose: (choice: Choice) => void;
  isLocked: boolean;
}

export function ColumnTable({ stream, choice, onChoose, isLocked }: ColumnTableProps) {
  const columns: Column<Field>[] = [
    {
      key: "name",
      header: "Column",
      cell: (field) => (
        <>
          <Text size="sm" fw={600} truncate title={field.description ?? field.name}>
            {field.name}
          </Text>
          {field.label !== null && field.label !== field.name && (
            <Text size="xs" c="dimmed" truncate>
              {field.label}
            </Text>
          )}
        </>
      ),
    },
    { key: "type", header: "Type", width: "150px", cell: (field) => <Type field={field} /> },
    {
      key: "taking",
      header: "What becomes of it",
      width: "150px",
      cell: (field) => (
        <Select
          size="xs"
          aria-label={`What becomes of ${field.name}`}
          data={TAKINGS}
          value={takingOf(choice, field.name)}
          disabled={isLocked || isNeeded(stream, choice, field.name)}
          onChange={(next) => {
            const taking = TAKINGS.find(({ value }) => value === next)?.value;
            if (taking !== undefined) onChoose(withTaking(choice, field.name, taking));
          }}
          allowDeselect={false}
        />
      ),
    },
  ];
  return (
    <div>
      <DataTable
        label={`Columns of ${stream.name}`}
        columns={columns}
        rows={stream.fields}
        rowKey={(field) => field.name}
        minWidth={420}
        maxHeight="52vh"
        rowHeight={52}
      />
      <Text size="xs" c="dimmed" mt={6}>
        Key and cursor are always taken. A hashed column keeps a keyed digest: the same value gives the same digest, and
        nobody reads the value.
      </Text>
    </div>
  );
}

function Type({ field }: { field: Field }) {
  const mixed = Object.entries(field.mix);
  const told = mixed.map(([type, share]) => `${type} ${formatShare(share)}`).join(", ");
  return (
    <Text size="sm" c="dimmed" truncate title={told === "" ? undefined : told}>
      {field.type}
      {field.nullable ? "" : ", always set"}
      {told !== "" && " (mixed)"}
    </Text>
  );
}
