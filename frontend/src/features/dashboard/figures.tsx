/** Six figures that say how the data is doing; each leads to its rows. */
import { Skeleton } from "@mantine/core";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { firstApprovalsQuery } from "@/api/queries/first-approvals-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { freshnessOf } from "@/features/dashboard/freshness";
import { loadsOf, totalOf } from "@/features/dashboard/loads";
import { recentSyncsQuery } from "@/features/dashboard/recent-syncs-query";
import { syncsOfSpan } from "@/features/dashboard/syncs-link";
import { useNow } from "@/features/dashboard/use-now";
import { formatAtLeast, formatCount, formatShort } from "@/ui/numbers";
import { Stat } from "@/ui/stat";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";
import classes from "./dashboard.module.css";

export function Figures() {
  return (
    <div className={classes.figures}>
      <ViewsFigure />
      <LoadedFigure />
      <JoinedFigure />
      <RunningFigure />
      <DriftFigure />
      <ApprovalsFigure />
    </div>
  );
}

/** What a figure says of a query: its value, a stand-in of the same height, or that it is not known. */
function said<T>(query: UseQueryResult<T>, of: (data: T) => ReactNode): ReactNode {
  if (query.data !== undefined) return of(query.data);
  if (query.isError) return <Unknown why="It could not be loaded" />;
  return <Skeleton height={26} width={72} my={5} radius="sm" />;
}

function ViewsFigure() {
  const views = useQuery(viewsQuery());
  const connections = useQuery(connectionsQuery());
  const state = useQuery(tenantStateQuery());
  const now = useNow();
  const published = views.data?.filter(({ published_at }) => published_at !== null);
  const late = published?.filter((view) =>
    ["warning", "bad"].includes(freshnessOf(view, connections.data ?? [], state.data?.stale_since ?? null, now).tone),
  );
  const isKnown = connections.data !== undefined && late !== undefined;
  const publishedAt = state.data?.publication?.published_at;
  return (
    <Stat
      label="Late views"
      tone={late?.length && isKnown ? "yellow" : "entity"}
      value={said(connections, () => (isKnown ? formatCount(late.length) : said(views, () => <Unknown />)))}
      hint={published && publishedAt && <>of {published.length}, built <When at={publishedAt} size="xs" /></>}
      to={{ to: "/views" }}
    />
  ); // prettier-ignore
}

function LoadedFigure() {
  const recent = useQuery(recentSyncsQuery("24h"));
  const now = useNow();
  const total = recent.data && totalOf(loadsOf(recent.data.syncs, "24h", now));
  return (
    <Stat
      label="Loaded in 24 h"
      tone="source"
      value={said(recent, ({ complete }) => `${complete ? "" : "≥ "}${formatShort(total?.loaded ?? 0)}`)}
      hint={total && `${formatShort(total.rejected)} rejected, ${formatShort(total.held)} held`}
      to={syncsOfSpan("24h", now) as LinkProps}
    />
  );
}

function JoinedFigure() {
  const views = useQuery(viewsQuery());
  const known = views.data?.filter(({ joined }) => joined !== null);
  const joined = known?.reduce((total, view) => total + (view.joined ?? 0), 0) ?? 0;
  const rows = known?.reduce((total, view) => total + (view.rows ?? 0), 0) ?? 0;
  return (
    <Stat
      label="Joined entities"
      tone="entity"
      value={said(views, () => (known?.length ? formatShort(joined) : <Unknown why="Nothing is published yet" />))}
      hint={known?.length ? `of ${formatCount(rows)} rows` : undefined}
      to={{ to: "/views" }}
    />
  );
}

function RunningFigure() {
  const state = useQuery(tenantStateQuery());
  const running = state.data?.running.filter(({ status }) => status === "running").length ?? 0;
  const waiting = (state.data?.running.length ?? 0) - running;
  return (
    <Stat
      label="Running now"
      value={said(state, () => formatCount(running))}
      hint={state.data && (waiting === 0 ? "nothing waits" : `${formatCount(waiting)} wait`)}
      to={{ to: "/activity", search: { sync: "running" } as never }}
    />
  );
}

function DriftFigure() {
  const connections = useQuery(connectionsQuery());
  const open = connections.data?.reduce((total, each) => total + each.open_drift, 0) ?? 0;
  const breaking = connections.data?.reduce((total, each) => total + each.breaking_drift, 0) ?? 0;
  return (
    <Stat
      label="Open drift"
      tone={breaking > 0 ? "red" : open > 0 ? "yellow" : undefined}
      value={said(connections, () => formatCount(open))}
      hint={connections.data && (breaking === 0 ? "none of it breaking" : `${formatCount(breaking)} breaking`)}
      to={{ to: "/aam", search: { tab: "drift", status: "open" } as never }}
    />
  );
}

function ApprovalsFigure() {
  const approvals = useQuery(firstApprovalsQuery());
  const oldest = approvals.data?.items[0];
  return (
    <Stat
      label="Approvals waiting"
      tone={oldest === undefined ? undefined : "insight"}
      value={said(approvals, ({ items, hasMore }) => formatAtLeast(items.length, hasMore))}
      hint={oldest === undefined ? approvals.data && "nobody is asked" : <>oldest <When at={oldest.created_at} size="xs" /></>}
      to={{ to: "/approvals" }}
    />
  ); // prettier-ignore
}
