/** How sources change and how well mappings follow: drift, shapes, repairs, and what a language model cost. */
import { Select, Tabs } from "@mantine/core";
import type { QueryClient } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { DriftDrawer } from "@/features/aam/drift-drawer";
import { DriftPanel } from "@/features/aam/drift-panel";
import { driftSinceQuery } from "@/features/aam/drift-since-query";
import { FIELDS } from "@/features/aam/fields";
import { FingerprintsPanel } from "@/features/aam/fingerprints-panel";
import { LlmPanel } from "@/features/aam/llm-panel";
import { metricsQuery } from "@/features/aam/metrics-query";
import { OverviewPanel } from "@/features/aam/overview-panel";
import { sinceOf, SPANS } from "@/features/aam/span";
import { Page } from "@/ui/page";
import { useUrlState } from "@/ui/use-url-state";

/** Begun, not waited for, for the span that is shown when none is asked for. */
export function loader(client: QueryClient): void {
  const since = sinceOf(FIELDS.span.fallback);
  void client.prefetchQuery(metricsQuery(since, SPANS[FIELDS.span.fallback].step));
  void client.prefetchQuery(driftSinceQuery(since));
}

const SPAN_WORDS = Object.entries(SPANS).map(([value, { words }]) => ({ value, label: `Last ${words}` }));

export default function AamPage() {
  const [{ tab, span }, set] = useUrlState(FIELDS);
  const maySeeUsage = useMay()("usage.read");
  const shown = tab === "llm" && !maySeeUsage ? "overview" : tab;
  return (
    <Page
      title="Monitor"
      subtitle="How sources change, and how well their mappings follow"
      actions={
        shown !== "fingerprints" && (
          <Select
            aria-label="Span of time"
            data={SPAN_WORDS}
            value={span}
            onChange={(next) => set({ span: (next ?? "30d") as typeof span, at: "" })}
            allowDeselect={false}
            w={160}
          />
        )
      }
    >
      <Tabs value={shown} onChange={(next) => set({ tab: (next ?? "overview") as typeof tab })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="drift">Drift</Tabs.Tab>
          <Tabs.Tab value="fingerprints">Fingerprints</Tabs.Tab>
          {maySeeUsage && <Tabs.Tab value="llm">Language model</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <OverviewPanel />
        </Tabs.Panel>
        <Tabs.Panel value="drift">
          <DriftPanel />
        </Tabs.Panel>
        <Tabs.Panel value="fingerprints">
          <FingerprintsPanel />
        </Tabs.Panel>
        {maySeeUsage && (
          <Tabs.Panel value="llm">
            <LlmPanel />
          </Tabs.Panel>
        )}
      </Tabs>
      <DriftDrawer />
    </Page>
  );
}
