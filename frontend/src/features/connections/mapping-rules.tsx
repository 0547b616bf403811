/** Rules of a mapping: which field fills which, how it is read, and how sure that was. */
import { Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";

import type { Mapping } from "@/features/connections/mappings-query";
import { RuleName } from "@/features/connections/rule-name";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { Probability } from "@/ui/probability";

type Rule = Mapping["rules"][number];

export function MappingRules({ mapping }: { mapping: Pick<Mapping, "stream" | "entity" | "rules"> }) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
  return (
    <DataTable
      label={`Rules of ${mapping.stream}`}
      columns={isNarrow ? COLUMNS.slice(0, 2) : COLUMNS}
      rows={mapping.rules}
      rowKey={(rule) => `${rule.line}@${rule.since}`}
      rowHeight={46}
      minWidth={isNarrow ? 300 : 680}
      maxHeight={420}
      empty={
        <Empty title={mapping.entity === null ? "It fits no entity" : "No field was matched"}>
          Its records lie in the lake as they came, and in no view.
        </Empty>
      }
    />
  );
}

const COLUMNS: Column<Rule>[] = [
  {
    key: "rule",
    header: "Field of the source, and what it fills",
    cell: (rule) => <RuleName source={rule.source} target={rule.target} kind={rule.transform.kind} />,
  },
  {
    key: "probability",
    header: "Probability",
    width: "138px",
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
