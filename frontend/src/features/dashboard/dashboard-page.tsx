/** The health of the data at a glance: how fresh it is, what runs, what came in, and what waits for a person. */
import { useQuery, type QueryClient } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMe } from "@/api/queries/me-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { AttentionPanel } from "@/features/dashboard/attention-panel";
import { Figures } from "@/features/dashboard/figures";
import { FirstRun } from "@/features/dashboard/first-run";
import { FreshnessPanel } from "@/features/dashboard/freshness-panel";
import { LoadsPanel } from "@/features/dashboard/loads-panel";
import { recentSyncsQuery } from "@/features/dashboard/recent-syncs-query";
import { RunningPanel } from "@/features/dashboard/running-panel";
import { Page } from "@/ui/page";
import classes from "./dashboard.module.css";

/** Begun, not waited for: every part has a state of its own while it loads. */
export const loader = (client: QueryClient): void => {
  void client.prefetchQuery(viewsQuery());
  void client.prefetchQuery(tenantStateQuery());
  void client.prefetchQuery(connectionsQuery());
  void client.prefetchQuery(recentSyncsQuery("24h"));
};

export default function DashboardPage() {
  const { tenant } = useMe();
  const connections = useQuery(connectionsQuery()).data;
  const state = useQuery(tenantStateQuery()).data;
  const isNew = connections !== undefined && state !== undefined && state.publication === null;
  if (isNew)
    return (
      <Page title="Dashboard" subtitle={`${tenant.name} has no published views yet`}>
        <FirstRun connections={connections} />
        {connections.length > 0 && (
          // Keys: what follows when the views are there is another page, and nothing of this one moves into it.
          <div key="first" className={classes.columns}>
            <RunningPanel />
            <AttentionPanel />
          </div>
        )}
      </Page>
    );
  return (
    <Page title="Dashboard" subtitle={`How the data of ${tenant.name} is doing`}>
      <Figures />
      <div key="records" className={classes.columns}>
        <LoadsPanel />
        <AttentionPanel />
      </div>
      <div key="freshness" className={classes.columns}>
        <FreshnessPanel />
        <RunningPanel />
      </div>
    </Page>
  );
}
