/** What the language model was asked this month, in a few figures. */
import { Text } from "@mantine/core";

import { useMay } from "@/api/queries/me-query";
import type { Metrics } from "@/features/aam/metrics-query";
import { Facts } from "@/ui/facts";
import { formatCount, formatMoney, formatShort } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { SectionCard } from "@/ui/section-card";

export function LlmCard({ month }: { month: Metrics["llm_this_month"] }) {
  const may = useMay();
  return (
    <SectionCard
      title="Language model, this month"
      actions={
        may("usage.read") && (
          <PageLink to="/aam" search={{ tab: "llm" }} size="sm">
            The ledger
          </PageLink>
        )
      }
    >
      {month.calls === 0 && month.saved === 0 ? (
        <Text size="sm" c="dimmed">
          It was not asked this month. Everything works without it; the settings turn it on.
        </Text>
      ) : (
        <Facts
          cols={2}
          facts={[
            { name: "Calls", value: `${formatCount(month.calls)}, ${formatCount(month.failed)} failed` },
            { name: "Saved by caches and rules", value: formatCount(month.saved) },
            {
              name: "Tokens",
              value: `${formatShort(month.prompt_tokens)} in, ${formatShort(month.completion_tokens)} out`,
            },
            {
              name: "Cost",
              value:
                formatMoney(month.cost_usd, "USD") +
                (month.unpriced_calls > 0 ? ` and ${formatCount(month.unpriced_calls)} calls of unknown price` : ""),
            },
          ]}
        />
      )}
    </SectionCard>
  );
}
