/** Rules of a mapping: which field fills which, how it is read, and how sure that was. */
import { Code, Group, Text } from "@mantine/core";

import type { Mapping } from "@/features/connections/mappings-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { Probability } from "@/ui/probability";

type Rule = Mapping["rules"][number];

export function MappingRules({ mapping }: { mapping: Pick<Mapping, "stream" | "entity" | "rules"> }) {
  return (
    <DataTable
      label={`Rules of ${mapping.stream}`}
      columns={COLUMNS}
      rows={mapping.rules}
      rowKey={(rule) => `${rule.line}@${rule.since}`}
      rowHeight={46}
      minWidth={680}
      maxHeight={420}
      empty={
        <Empty title={mapping.entity === null ? "It fits no entity" : "No field was matched"}>
          Its records lie in the lake as they came, and in no view.
        </Empty>
      }
    />
  );
}

// The green of a source, dark enough to be read as text.
const SOURCE_INK = "light-dark(var(--mantine-color-source-7), var(--mantine-color-source-4))";

const COLUMNS: Column<Rule>[] = [
  {
    key: "rule",
    header: "Field of the source, and what it fills",
    cell: (rule) => (
      <Group gap={6} wrap="nowrap">
        <Text span size="sm" c={SOURCE_INK} fw={650} truncate title={rule.source}>
          {rule.source}
        </Text>
        <Text span size="sm" c="dimmed" aria-label="fills">
          →
        </Text>
        <Text span size="sm" c="entity" fw={650} truncate title={rule.target}>
          {rule.target}
        </Text>
        {rule.transform.kind !== "cast" && (
          <Code fz={11} style={{ flex: "none" }}>
            {rule.transform.kind}
          </Code>
        )}
      </Group>
    ),
  },
  {
    key: "probability",
    header: "Probability",
    width: "130px",
    cell: (rule) => <Probability value={rule.probability} />,
  },
  { key: "by", header: "Decided by", width: "104px", cell: (rule) => rule.decided_by },
  {
    key: "evidence",
    header: "Because",
    cell: (rule) => (
      <Text size="xs" c="dimmed" lineClamp={2} title={rule.evidence.join("; ")}>
        {rule.evidence.join("; ")}
      </Text>
    ),
  },
];
