/** Repairs by when they were proposed and what became of them until now. */
import { useNavigate } from "@tanstack/react-router";

import { countSteps, totalsOf } from "@/features/aam/count-steps";
import type { Metrics } from "@/features/aam/metrics-query";
import { stepEnd } from "@/features/aam/span";
import { StepsChart } from "@/features/aam/steps-chart";
import { REPAIR_LOOK, REPAIR_STATUSES } from "@/ui/change-words";
import { Empty } from "@/ui/empty";
import { SectionCard } from "@/ui/section-card";

export function OutcomesChart({ metrics }: { metrics: Metrics }) {
  const navigate = useNavigate();
  const { since, until, step } = metrics;
  const happened = metrics.outcomes.map(({ starts_at, status, count }) => ({ at: starts_at, series: status, count }));
  const totals = totalsOf(happened);
  const series = REPAIR_STATUSES.filter((name) => totals.has(name)).map((name) => ({
    name,
    label: REPAIR_LOOK[name].word,
    colour: REPAIR_LOOK[name].colour,
    total: totals.get(name) ?? 0,
  }));
  const rowsOfStep = (from: string) => ({
    to: "/approvals",
    search: { tab: "all", since: from, until: stepEnd(from, step) },
  });
  return (
    <SectionCard title="Repairs by outcome" hint="By when they were proposed, and what became of them until now">
      {happened.length === 0 ? (
        <Empty title="No repair was proposed in this span">
          A repair is proposed when a source changes what a mapping reads.
        </Empty>
      ) : (
        <StepsChart
          label="Repairs by outcome"
          steps={countSteps(happened, since, Date.parse(until), step)}
          series={series}
          step={step}
          rowsOf={(place) =>
            place.step !== undefined
              ? rowsOfStep(place.step)
              : { to: "/approvals", search: { tab: "all", since, state: place.series } }
          }
          onStep={(start) => void navigate({ to: "/approvals", search: rowsOfStep(start).search as never })}
        />
      )}
    </SectionCard>
  );
}
