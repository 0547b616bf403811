/** What became of the records of a sync, in one line. */
import { Group, Text } from "@mantine/core";

import { formatCount, formatShort } from "@/ui/numbers";

interface Counts {
  read: number;
  loaded: number;
  rejected: number;
  unchanged: number;
}

export function RecordCounts({ counts }: { counts: Counts }) {
  const told = `${formatCount(counts.read)} read: ${formatCount(counts.loaded)} loaded, ${formatCount(counts.rejected)} rejected, ${formatCount(counts.unchanged)} unchanged`;
  return (
    <Group gap="0 8px" role="img" aria-label={told} title={told} style={{ display: "inline-flex" }}>
      <Figure word="read" value={counts.read} />
      <Figure word="loaded" value={counts.loaded} />
      {counts.rejected > 0 && <Figure word="rejected" value={counts.rejected} alarming />}
      {counts.unchanged > 0 && <Figure word="unchanged" value={counts.unchanged} />}
    </Group>
  );
}

function Figure({ word, value, alarming = false }: { word: string; value: number; alarming?: boolean }) {
  const isAlarm = alarming && value > 0;
  return (
    <Text span size="xs" c={isAlarm ? undefined : "dimmed"} fw={isAlarm ? 700 : 500} style={{ whiteSpace: "nowrap" }}>
      <Text span size="sm" fw={650} c="var(--mantine-color-text)">
        {formatShort(value)}
      </Text>{" "}
      {word}
    </Text>
  );
}
