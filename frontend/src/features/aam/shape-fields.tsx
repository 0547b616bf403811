/** The fields of a shape: types and what values are like as counts, never a value. */
import { Table, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";

import type { Schemas } from "@/api/types";
import { formatCount, formatShare } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { Unknown } from "@/ui/unknown";

interface ShapeFieldsProps {
  fields: readonly Schemas["ShapeFieldOut"][];
  rows: number | null;
  keys: readonly string[];
  mode: string;
}

export function ShapeFields({ fields, rows, keys, mode }: ShapeFieldsProps) {
  const held = rows === null ? "how many records it held is unknown" : `${formatCount(rows)} records`;
  return (
    <SectionCard title={`${formatCount(fields.length)} fields`} hint={`Read ${mode.replaceAll("_", " ")}; ${held}`}>
      <Table.ScrollContainer minWidth={520}>
        <Table aria-label="Fields" fz="xs" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Field</Table.Th>
              <Table.Th scope="col">Type</Table.Th>
              <Table.Th scope="col">May be empty</Table.Th>
              <Table.Th scope="col" ta="right">
                Empty
              </Table.Th>
              <Table.Th scope="col" ta="right">
                Distinct, about
              </Table.Th>
              <Table.Th scope="col">Written mostly as</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map((field) => (
              <Table.Tr key={field.name}>
                <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
                  {field.name} {keys.includes(field.name) && <IconKey size={12} aria-label="key" />}
                </Table.Th>
                <Table.Td>
                  {field.type}
                  {field.declared !== null && field.declared !== field.type && (
                    <Text span size="xs" c="dimmed">
                      {" "}
                      (declared {field.declared})
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {field.nullable === null ? <Unknown why="No record was seen" /> : field.nullable ? "yes" : "no"}
                </Table.Td>
                <Table.Td ta="right">
                  {field.sketch === null ? <NoSample /> : formatShare(field.sketch.null_share)}
                </Table.Td>
                <Table.Td ta="right">
                  {field.sketch === null ? <NoSample /> : formatCount(field.sketch.distinct)}
                </Table.Td>
                <Table.Td>{field.sketch === null ? <NoSample /> : commonest(field.sketch.patterns)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </SectionCard>
  );
}

function NoSample() {
  return <Unknown why="No value was sampled" />;
}

function commonest(patterns: Record<string, number>): string {
  const [found] = Object.entries(patterns).sort(([, a], [, b]) => b - a);
  return found === undefined ? "no pattern" : `${found[0]} (${formatShare(found[1])})`;
}
