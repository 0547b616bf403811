/** Records loaded, rejected and held over time, from the syncs that ended. */
import { SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { loadsOf, refusalsOf, SPANS, totalOf } from "@/features/dashboard/loads";
import { Panel } from "@/features/dashboard/panel";
import { RefusalsPopover } from "@/features/dashboard/refusals-popover";
import { syncsOfSpan } from "@/features/dashboard/syncs-link";
import { recentSyncsQuery } from "@/features/dashboard/recent-syncs-query";
import { useNow } from "@/features/dashboard/use-now";
import { useRefreshAfter } from "@/features/dashboard/use-refresh-after";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { oneOf, useUrlState } from "@/ui/use-url-state";
import classes from "./dashboard.module.css";

const LoadsChart = lazy(() => import("@/features/dashboard/loads-chart"));
const FIELDS = { span: oneOf(SPANS, "24h") };
const WORDS = { "24h": "24 hours", "7d": "7 days" };

export function LoadsPanel() {
  const [{ span }, set] = useUrlState(FIELDS);
  // Both spans: the figure above counts the last 24 hours whatever is drawn here.
  useRefreshAfter(["sync.succeeded", "sync.failed"], ["records-over-time"]);
  return (
    <Panel
      title="Records over time"
      more={{ label: "Syncs", link: { to: "/activity" } }}
      controls={
        <SegmentedControl
          size="xs"
          value={span}
          onChange={(next) => set({ span: SPANS.find((each) => each === next) })}
          data={SPANS.map((value) => ({ value, label: WORDS[value] }))}
          aria-label="How far back"
        />
      }
    >
      <div className={classes.chart}>
        <Loads span={span} />
      </div>
    </Panel>
  );
}

function Loads({ span }: { span: (typeof SPANS)[number] }) {
  const { data, error, refetch } = useQuery(recentSyncsQuery(span));
  const now = useNow();
  if (data === undefined && error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height="100%" radius="md" data-state="loading" />;
  const loads = loadsOf(data.syncs, span, now);
  const total = totalOf(loads);
  if (total.syncs === 0)
    return <Empty title={`No sync ended in the last ${WORDS[span]}`}>Its records will be counted here.</Empty>;
  return (
    <>
      <Text size="xs" c="dimmed" mih={18} component="div">
        <PageLink {...syncsOfSpan(span, now)} size="xs" fw={600}>
          {formatCount(total.syncs)} {total.syncs === 1 ? "sync" : "syncs"} ended
        </PageLink>
        : {formatCount(total.loaded)} loaded,{" "}
        <RefusalsPopover total={total} refusals={refusalsOf(data.syncs, span, now)} />.
        {!data.complete && " There were more syncs than are read here; the oldest are left out."}
      </Text>
      <Suspense fallback={<Skeleton height={254} radius="md" />}>
        <LoadsChart loads={loads} span={span} />
      </Suspense>
    </>
  );
}
