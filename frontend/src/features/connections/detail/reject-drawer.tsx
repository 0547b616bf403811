/** One rejected record: everything that is wrong with it, and what it looked like. */
import { Code, Drawer, Stack, Table, Text, Title } from "@mantine/core";

import type { Reject } from "@/features/connections/rejects-query";
import { Facts } from "@/ui/facts";
import { JsonView } from "@/ui/json-view";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function RejectDrawer({ record, onClose }: { record: Reject | undefined; onClose: () => void }) {
  return (
    <Drawer opened={record !== undefined} onClose={onClose} position="right" size="lg" title="Rejected record">
      {record !== undefined && (
        <Stack gap="lg">
          <Facts
            cols={2}
            facts={[
              { name: "Stream", value: record.stream },
              { name: "Entity", value: record.entity ?? <Unknown why="It failed before it was mapped" /> },
              { name: "Record", value: record.record_id ?? <Unknown why="It has no key" /> },
              { name: "Came from", value: placeOf(record) ?? <Unknown why="The source does not say" /> },
              { name: "Failed while", value: record.stage === "extract" ? "it was read" : "its values were checked" },
              { name: "When", value: <When at={record.rejected_at} /> },
            ]}
          />
          <Wrong errors={record.errors} />
          <Raw record={record} />
        </Stack>
      )}
    </Drawer>
  );
}

function placeOf({ origin, line }: Reject): string | null {
  if (origin === null) return line === null ? null : `line ${line}`;
  return line === null ? origin : `${origin}, line ${line}`;
}

function Wrong({ errors }: { errors: Reject["errors"] }) {
  return (
    <section aria-label="What is wrong">
      <Title order={3} size="h5" mb="xs">
        What is wrong
      </Title>
      <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label="What is wrong">
        <Table miw={320}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>Reason</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {errors.map((error, at) => (
              <Table.Tr key={at}>
                <Table.Td>
                  {error.field ?? "the record"}
                  {error.source != null && error.source !== error.field && ` (from ${error.source})`}
                </Table.Td>
                <Table.Td>
                  {error.value == null ? <Unknown why="Empty, or not shown" /> : <Code>{error.value}</Code>}
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{error.reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function Raw({ record: { raw, raw_cut } }: { record: Reject }) {
  const parsed = raw === null ? undefined : jsonOf(raw);
  return (
    <section aria-label="As it came">
      <Title order={3} size="h5" mb="xs">
        As it came
      </Title>
      {raw === null && (
        <Text size="sm" c="dimmed">
          Not shown: the connection hides columns of this stream.
        </Text>
      )}
      {raw !== null &&
        (parsed === undefined ? (
          <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {raw}
          </Code>
        ) : (
          <JsonView value={parsed} />
        ))}
      {raw_cut && (
        <Text size="xs" c="dimmed" mt={4}>
          Shortened.
        </Text>
      )}
    </section>
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
