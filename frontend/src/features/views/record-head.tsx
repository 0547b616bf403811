/** Which record it is: its source, its id there, and the mapping that read it. */
import { Text } from "@mantine/core";

import type { SourceSide } from "@/api/queries/row-queries";
import { readable } from "@/ui/cell-text";
import { When } from "@/ui/when";

interface RecordKey {
  connection_id: string;
  stream: string | null;
  record_id: string;
}

export function RecordHead({ record }: { record: SourceSide }) {
  const { connection, stream, record_id, updated_at, mapping_version } = record;
  return (
    <>
      <Text size="sm" fw={650} c="light-dark(var(--mantine-color-source-8), var(--mantine-color-source-3))" truncate>
        {connection ?? "Deleted connection"}
      </Text>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {stream ?? "unknown stream"} · {readable(record_id)}
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

export function keyOf({ connection_id, stream, record_id }: RecordKey): string {
  return `${connection_id} ${stream ?? ""} ${record_id}`;
}
