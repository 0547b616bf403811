/** The ledger of language model calls: by day, feature and model, with the budget of this month. */
import { SimpleGrid, Stack } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { llmUsageQuery, type LlmUsage } from "@/features/aam/llm-usage-query";
import { rowsLink } from "@/features/aam/rows-link";
import { useSince } from "@/features/aam/use-since";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount, formatMoney, formatShort } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { StatSkeletons } from "@/ui/skeletons";
import { Stat } from "@/ui/stat";

type Day = LlmUsage["days"][number];

const COLUMNS: Column<Day>[] = [
  { key: "day", header: "Day (UTC)", width: "120px", cell: ({ day }) => day },
  { key: "feature", header: "For", cell: ({ feature }) => feature.replaceAll("_", " ") },
  { key: "model", from: "sm", header: "Model", cell: ({ model }) => model },
  { key: "calls", from: "sm", header: "Calls", width: "90px", align: "right", cell: ({ calls }) => formatCount(calls) },
  {
    key: "failed",
    from: "sm",
    header: "Failed",
    width: "90px",
    align: "right",
    cell: ({ failed }) => formatCount(failed),
  },
  { key: "saved", from: "sm", header: "Saved", width: "90px", align: "right", cell: ({ saved }) => formatCount(saved) },
  {
    key: "tokens",
    from: "sm",
    header: "Tokens in / out",
    width: "150px",
    align: "right",
    cell: (each) => `${formatShort(each.prompt_tokens)} / ${formatShort(each.completion_tokens)}`,
  },
  { key: "cost", header: "Cost", width: "190px", align: "right", cell: cost },
];

export function LlmPanel() {
  const { since } = useSince();
  const { data, error, refetch } = useQuery(llmUsageQuery(since.slice(0, 10)));
  return (
    <Stack gap="md">
      {data === undefined ? error === null && <StatSkeletons count={4} /> : <Sums usage={data} />}
      <DataTable
        label="Calls of language models"
        columns={COLUMNS}
        rows={data && [...data.days].sort((a, b) => b.day.localeCompare(a.day))}
        rowKey={(each) => `${each.day} ${each.feature} ${each.model}`}
        error={error}
        onRetry={() => void refetch()}
        minWidth={960}
        phoneWidth={330}
        empty={
          <Empty title="No language model was asked in this span" icon={<IconSparkles size={24} stroke={1.6} />}>
            It is off unless the <PageLink to="/settings">settings</PageLink> turn it on; everything works without it.
          </Empty>
        }
      />
    </Stack>
  );
}

function Sums({ usage: { total, budget } }: { usage: LlmUsage }) {
  const here = rowsLink("/aam", { tab: "llm" });
  return (
    <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="md">
      <Stat label="Calls" value={formatCount(total.calls)} hint={`${formatCount(total.failed)} failed`} to={here} />
      <Stat label="Calls saved" value={formatCount(total.saved)} hint="by caches and rules" tone="source" to={here} />
      <Stat
        label="Cost"
        value={formatMoney(total.cost_usd, "USD")}
        hint={
          total.unpriced_calls > 0
            ? `without ${formatCount(total.unpriced_calls)} calls of unknown price`
            : "of this span"
        }
        tone="insight"
        to={here}
      />
      <Stat
        label="Budget left this month"
        value={budget.left_usd === null ? "no limit" : formatMoney(budget.left_usd, "USD")}
        hint={`${formatMoney(budget.spent_usd, "USD")} spent`}
        tone={budget.left_usd !== null && Number(budget.left_usd) === 0 ? "red" : undefined}
        to={rowsLink("/settings")}
      />
    </SimpleGrid>
  );
}

function cost({ cost_usd, calls, unpriced_calls: unpriced }: Day): string {
  if (unpriced > 0 && unpriced >= calls) return "price unknown";
  const known = formatMoney(cost_usd, "USD");
  return unpriced > 0 ? `${known} + ${formatCount(unpriced)} unpriced` : known;
}
