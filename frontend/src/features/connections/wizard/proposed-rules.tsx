/** Every field of a stream with what it would fill, how sure that is, and what becomes of it by itself. */
import { Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";

import type { ProposedMapping } from "@/features/connections/proposed-mapping-query";
import { RuleName } from "@/features/connections/rule-name";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatShare } from "@/ui/numbers";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";

type Rule = ProposedMapping["rules"][number];
type Row = { source: string; rule: Rule | null };

interface ProposedRulesProps {
  mapping: ProposedMapping | undefined;
  /** How many fields it is likely to have. */
  likely: number;
}

export function ProposedRules({ mapping, likely }: ProposedRulesProps) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
  const applyAt = mapping?.apply_at ?? 1;
  return (
    <div>
      <DataTable
        label="Proposed mapping"
        columns={columns(applyAt, isNarrow)}
        rows={mapping && rowsOf(mapping)}
        rowKey={({ source, rule }) => `${source}>${rule?.line ?? ""}`}
        rowHeight={46}
        likely={likely}
        maxHeight={460}
        minWidth={isNarrow ? 320 : 760}
        empty={
          <Empty title="The stream has no fields">What comes later is matched by the sync that sees it first.</Empty>
        }
      />
      <Text size="xs" c="dimmed" mt={6} mih={{ base: 52, sm: 18 }}>
        {mapping !== undefined && tellRest(mapping)}
      </Text>
    </div>
  );
}

function tellRest({ entity, apply_at }: ProposedMapping): string {
  if (entity === null)
    return "Nothing is lost: once they are read you say what one of them is, or give them a view of their own.";
  const others = "The others fill nothing until somebody maps them; their values are kept either way.";
  return `From ${formatShare(apply_at)} on a match is applied alone. ${others}`;
}

/** What is applied comes first, then what is not sure enough, then what fits nothing. */
function rowsOf({ rules, unmapped }: ProposedMapping): Row[] {
  const ranked = [...rules].sort(
    (a, b) => Number(b.is_applied) - Number(a.is_applied) || b.probability - a.probability,
  );
  return [
    ...ranked.map((rule) => ({ source: rule.source, rule })),
    ...unmapped.map((source) => ({ source, rule: null })),
  ];
}

function columns(applyAt: number, isNarrow: boolean): Column<Row>[] {
  const name: Column<Row> = {
    key: "rule",
    header: "Field, and what it fills",
    cell: ({ source, rule }) => <RuleName source={source} target={rule?.target} kind={rule?.transform.kind} />,
  };
  const probability: Column<Row> = {
    key: "probability",
    header: "Probability",
    width: "138px",
    cell: ({ rule }) =>
      rule === null ? (
        <Unknown why="No field of the entity fits" />
      ) : (
        <Probability value={rule.probability} applyAt={applyAt} />
      ),
  };
  if (isNarrow) return [name, probability];
  return [
    name,
    probability,
    { key: "becomes", header: "By itself", width: "150px", cell: ({ rule }) => <Becomes rule={rule} /> },
    {
      key: "why",
      header: "Because",
      cell: ({ rule }) => (
        <Text size="xs" c="dimmed" lineClamp={2} title={rule?.evidence.join("; ")}>
          {rule === null ? "nothing it could fill" : rule.evidence.join("; ")}
        </Text>
      ),
    },
  ];
}

function Becomes({ rule }: { rule: Rule | null }) {
  if (rule === null)
    return (
      <StatusBadge size="sm" tone="off">
        not mapped
      </StatusBadge>
    );
  return rule.is_applied ? (
    <StatusBadge size="sm" tone="good">
      applied
    </StatusBadge>
  ) : (
    <StatusBadge
      size="sm"
      tone="waiting"
      hint="Not sure enough to be applied alone. You can map it after the first sync."
    >
      not sure enough
    </StatusBadge>
  );
}
