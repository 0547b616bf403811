/** The sums of the span; each leads to its rows. */
import { SimpleGrid, Skeleton } from "@mantine/core";
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Metrics } from "@/features/aam/metrics-query";
import { rowsLink } from "@/features/aam/rows-link";
import { useSince } from "@/features/aam/use-since";
import type { RepairStatus } from "@/ui/change-words";
import { formatCount, formatSeconds, formatShare } from "@/ui/numbers";
import { Stat } from "@/ui/stat";
import { Unknown } from "@/ui/unknown";

const COLS = { base: 2, md: 4 };

export function FigureSkeletons() {
  return (
    <SimpleGrid cols={COLS} spacing="md" aria-busy data-state="loading">
      {Array.from({ length: 8 }, (_, at) => (
        <Skeleton key={at} height={114} radius="md" />
      ))}
    </SimpleGrid>
  );
}

export function Figures({ metrics }: { metrics: Metrics }) {
  const { totals, detections } = metrics;
  const { span, since } = useSince();
  const seen = detections.reduce((sum, each) => sum + each.count, 0);
  const open = detections.reduce((sum, each) => sum + each.open, 0);
  const repairs = (state?: RepairStatus): LinkProps =>
    rowsLink("/approvals", { tab: "all", since, ...(state !== undefined && { state }) });
  const noRepairs = "No repair was proposed in this span";

  function share(part: number): ReactNode {
    return totals.proposed === 0 ? <Unknown why={noRepairs} /> : formatShare(part / totals.proposed);
  }
  function took(seconds: number | null): ReactNode {
    return seconds === null ? <Unknown why="No repair of this span is in force" /> : formatSeconds(seconds);
  }
  const ofAll = (part: number) => `${formatCount(part)} of ${formatCount(totals.proposed)} repairs`;

  return (
    <SimpleGrid cols={COLS} spacing="md">
      <Stat
        label="Drift seen"
        value={formatCount(seen)}
        hint={`${formatCount(open)} open now`}
        tone={open > 0 ? "yellow" : "source"}
        to={rowsLink("/aam", { tab: "drift", span })}
      />
      <Stat
        label="Applied by policy"
        value={formatCount(totals.applied_by_policy)}
        hint={ofAll(totals.applied_by_policy)}
        tone="source"
        to={repairs("applied")}
      />
      <Stat
        label="Approved by people"
        value={formatCount(totals.approved_by_people)}
        hint={`${formatCount(totals.rejected)} rejected, ${formatCount(totals.waiting)} waiting`}
        tone="entity"
        to={repairs("approved")}
      />
      <Stat
        label="Asked a person"
        value={totals.asked_share === null ? <Unknown why={noRepairs} /> : formatShare(totals.asked_share)}
        hint={ofAll(totals.asked)}
        tone="insight"
        to={repairs()}
      />
      <Stat
        label="Median repair time"
        value={took(totals.repair_p50_s)}
        hint={`from first sight, ${formatCount(totals.repaired)} in force`}
        to={repairs()}
      />
      <Stat label="Repair time, 95 %" value={took(totals.repair_p95_s)} hint="19 of 20 were faster" to={repairs()} />
      <Stat
        label="Too unsure to ask"
        value={share(totals.refused)}
        hint={ofAll(totals.refused)}
        to={repairs("refused")}
      />
      <Stat
        label="Rolled back"
        value={share(totals.rolled_back)}
        hint={`${formatCount(totals.rolled_back)} rolled back, ${formatCount(totals.undone)} undone`}
        tone={totals.rolled_back > 0 ? "red" : undefined}
        to={repairs("rolled_back")}
      />
    </SimpleGrid>
  );
}
