/** Differences of two shapes, by field. */
import { Box, Group, Stack, Text } from "@mantine/core";

import type { ShapeChange } from "@/features/aam/shape-diff-query";
import { kindName, SEVERITY_LOOK } from "@/ui/change-words";
import { DiffCell } from "@/ui/diff-cell";
import { StatusBadge } from "@/ui/status-badge";

export function ShapeChanges({ changes }: { changes: readonly ShapeChange[] }) {
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing differs.
      </Text>
    );
  return (
    <Stack gap="xs">
      {changes.map((change) => (
        <Group key={`${change.kind} ${change.field}`} gap="sm" wrap="nowrap" align="flex-start">
          <Box w={118} style={{ flex: "none" }}>
            <StatusBadge size="sm" tone={SEVERITY_LOOK[change.severity].tone}>
              {kindName(change.kind)}
            </StatusBadge>
          </Box>
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
              {change.field}
            </Text>
            <Parts before={change.before} after={change.after} />
          </div>
        </Group>
      ))}
    </Stack>
  );
}

type Side = Record<string, unknown> | null;

/** What differs of a field that stayed; a field that came or went says so by its kind. */
function Parts({ before, after }: { before: Side; after: Side }) {
  const names = Object.keys({ ...before, ...after }).filter((name) => name !== "name");
  return names
    .filter((name) => before === null || after === null || said(before[name]) !== said(after[name]))
    .filter((name) => isPlain((after ?? before)?.[name]))
    .map((name) => (
      <Text key={name} size="xs" component="div">
        <Text span c="dimmed" size="xs">
          {name}:{" "}
        </Text>
        <DiffCell
          before={before === null ? said(after?.[name]) : said(before[name])}
          after={after === null ? said(before?.[name]) : said(after[name])}
        />
      </Text>
    ));
}

function isPlain(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function said(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
