/** The source records of a row side by side: as the view reads them, or as they came. */
import { SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { View } from "@/api/queries/views-query";
import { cellText, plainText } from "@/features/views/cell-text";
import { columnTitle } from "@/features/views/columns";
import { RowMissing } from "@/features/views/row-missing";
import { sourcesQuery, type RowPlace, type SourceSide } from "@/features/views/row-queries";
import { Empty } from "@/ui/empty";
import { CardSkeleton } from "@/ui/skeletons";
import { When } from "@/ui/when";

interface RowSourcesProps {
  place: RowPlace;
  view: View;
  connections: ReadonlyMap<string, string>;
}

export function RowSources({ place, view, connections }: RowSourcesProps) {
  const { data, error, refetch } = useQuery(sourcesQuery(place));
  const [side, setSide] = useState<"read" | "raw">("read");
  if (data === undefined) {
    return error === null ? <CardSkeleton lines={12} /> : <RowMissing error={error} onRetry={() => void refetch()} />;
  }
  if (data.records.length === 0) return <Empty title="No source record is kept for this row" />;
  const kindOf = (name: string) => view.columns.find((column) => column.name === name)?.type ?? "text";
  const lines = side === "read" ? readLines(data.records) : rawLines(data.records);
  const say = (name: string, value: unknown) =>
    side === "read" ? cellText(value, kindOf(name), connections) : plainText(value);
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Which side of the records"
        value={side}
        onChange={(next) => setSide(next === "raw" ? "raw" : "read")}
        data={[
          { value: "read", label: "As the view reads them" },
          { value: "raw", label: "As they came" },
        ]}
      />
      <Table.ScrollContainer minWidth={200 + data.records.length * 190}>
        <Table fz="sm" verticalSpacing={8} layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={150}>Field</Table.Th>
              {data.records.map((record) => (
                <Table.Th key={keyOf(record)} style={{ verticalAlign: "top" }}>
                  <RecordHead record={record} />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map(({ name, values }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                  {side === "read" ? columnTitle(name) : name}
                </Table.Th>
                {data.records.map((record, at) => (
                  <Table.Td key={keyOf(record)} style={{ overflowWrap: "anywhere" }}>
                    {say(name, values[at]) || (
                      <Text span c="dimmed" role="img" aria-label="no value">
                        –
                      </Text>
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {side === "raw" && data.records.some(({ raw }) => raw === null) && (
        <Text size="xs" c="dimmed">
          Of records without fields here the raw form is kept no more.
        </Text>
      )}
    </Stack>
  );
}

function RecordHead({
  record: { connection, stream, record_id, updated_at, mapping_version },
}: {
  record: SourceSide;
}) {
  return (
    <>
      <Text size="sm" fw={650} c="light-dark(var(--mantine-color-source-8), var(--mantine-color-source-3))">
        {connection ?? "Deleted connection"}
      </Text>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {stream ?? "unknown stream"} · {record_id}
      </Text>
      <Text size="xs" c="dimmed">
        mapping {mapping_version}
        {updated_at !== null && (
          <>
            , <When at={updated_at} size="xs" />
          </>
        )}
      </Text>
    </>
  );
}

interface Line {
  name: string;
  values: unknown[];
}

/** Fields that some record has a value for. */
function readLines(records: readonly SourceSide[]): Line[] {
  return linesOf(records.map(({ values }) => values));
}

function rawLines(records: readonly SourceSide[]): Line[] {
  return linesOf(records.map(({ raw }) => raw ?? {}));
}

function linesOf(sides: readonly Readonly<Record<string, unknown>>[]): Line[] {
  const names = [...new Set(sides.flatMap((side) => Object.keys(side)))];
  return names
    .map((name) => ({ name, values: sides.map((side) => side[name]) }))
    .filter(({ values }) => values.some((value) => value !== null && value !== undefined));
}

function keyOf({ connection_id, stream, record_id }: SourceSide): string {
  return `${connection_id} ${stream ?? ""} ${record_id}`;
}
