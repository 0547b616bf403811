/** Differences between two shapes: what each field was, and what it is. */
import { Group, Stack, Text } from "@mantine/core";

import type { ShapeChange } from "@/features/connections/shape-diff-query";
import { kindName, SEVERITY_LOOK } from "@/ui/change-words";
import { StatusBadge } from "@/ui/status-badge";

export function ShapeChanges({ changes }: { changes: readonly ShapeChange[] }) {
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Names, types and nullability are the same.
      </Text>
    );
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
      {changes.map((change) => (
        <Group component="li" key={`${change.kind}:${change.field}`} gap="sm" align="flex-start">
          <StatusBadge size="sm" tone={SEVERITY_LOOK[change.severity].tone}>
            {SEVERITY_LOOK[change.severity].word}
          </StatusBadge>
          <div style={{ flex: 1, minWidth: 0 }}>
            <Text size="sm" fw={600}>
              {kindName(change.kind)}: {change.field}
            </Text>
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {fieldInWords(change.before)} → {fieldInWords(change.after)}
            </Text>
          </div>
        </Group>
      ))}
    </Stack>
  );
}

function fieldInWords(field: ShapeChange["before"]): string {
  if (field === null) return "absent";
  const { name, type, nullable, ...others } = field;
  const more = Object.entries(others)
    .filter(([, value]) => typeof value !== "object" && value !== null)
    .map(([key, value]) => `${key} ${String(value)}`);
  return [
    typeof name === "string" ? name : null,
    typeof type === "string" ? type : null,
    typeof nullable === "boolean" ? (nullable ? "may be empty" : "always set") : null,
    ...more,
  ]
    .filter((word) => word !== null)
    .join(", ");
}
