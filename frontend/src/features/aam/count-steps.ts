/** Counts by step of time from what happened; a step in which nothing did is none, not unknown. */
import { stepsBetween, stepStart, type Step } from "@/features/aam/span";
import type { StepCounts } from "@/features/aam/steps-chart";

interface Happened {
  at: string;
  series: string;
  count: number;
}

export function countSteps(happened: readonly Happened[], since: string, until: number, step: Step): StepCounts[] {
  const names = [...new Set(happened.map(({ series }) => series))];
  const none = Object.fromEntries(names.map((name) => [name, 0]));
  const steps = new Map(
    stepsBetween(since, until, step).map((start): [string, StepCounts] => [start, { ...none, starts_at: start }]),
  );
  for (const { at, series, count } of happened) {
    const found = steps.get(new Date(stepStart(at, step)).toISOString());
    if (found !== undefined) found[series] = Number(found[series]) + count;
  }
  return [...steps.values()];
}

export function totalsOf(happened: readonly Happened[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { series, count } of happened) totals.set(series, (totals.get(series) ?? 0) + count);
  return totals;
}
