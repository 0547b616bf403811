/** One field mapping: from which field into which, how it is read, and how sure that is. */
import { Group, Text } from "@mantine/core";

import type { FieldLink } from "@/features/ontology/ontology-query";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { transformInWords } from "@/ui/transform-words";

export function FieldLine({ field }: { field: FieldLink }) {
  return (
    <div>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {field.source} → <b>{field.target}</b>
      </Text>
      <Group gap={8}>
        <Probability value={field.probability} />
        <Text size="xs" c="dimmed">
          {transformInWords(field.transform)}, by {field.decided_by}
        </Text>
        {field.held && (
          <StatusBadge size="sm" tone="waiting">
            held
          </StatusBadge>
        )}
      </Group>
    </div>
  );
}
