/** One connection: how it is doing, what it reads, what came of it, and how it is set up. */
import { Tabs } from "@mantine/core";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";

import type { Tagged } from "@/api/client";
import { useMay } from "@/api/queries/me-query";
import type { Connection, Permission } from "@/api/types";
import { connectionQuery } from "@/features/connections/connection-query";
import { ConnectionStateBadge } from "@/features/connections/connection-state-badge";
import { HeaderActions } from "@/features/connections/detail/header-actions";
import { MappingsPanel } from "@/features/connections/detail/mappings-panel";
import { OverviewPanel } from "@/features/connections/detail/overview-panel";
import { RejectsPanel } from "@/features/connections/detail/rejects-panel";
import { RunsPanel } from "@/features/connections/detail/runs-panel";
import { ShapesPanel } from "@/features/connections/detail/shapes-panel";
import { StreamsPanel } from "@/features/connections/detail/streams-panel";
import { EditPanel } from "@/features/connections/detail/edit-panel";
import { kindLook } from "@/features/connections/kind-look";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { CardSkeleton } from "@/ui/skeletons";
import { oneOf, useUrlState } from "@/ui/use-url-state";

const TABS = ["overview", "streams", "runs", "schema", "rejects", "mappings", "settings"] as const;
type Tab = (typeof TABS)[number];
const FIELDS = { tab: oneOf(TABS, "overview") };

const LABELS: Record<Tab, string> = {
  overview: "Overview",
  streams: "Streams",
  runs: "Runs",
  schema: "Schema history",
  rejects: "Rejects",
  mappings: "Mappings",
  settings: "Settings",
};
const NEEDS: Partial<Record<Tab, Permission>> = { schema: "drift.read", mappings: "drift.read", rejects: "views.read" };

export const loader = (client: QueryClient, params: Record<string, string>): void =>
  void client.prefetchQuery(connectionQuery(params["connectionId"] ?? ""));

export default function ConnectionPage() {
  const { connectionId = "" } = useParams({ strict: false }) as { connectionId?: string };
  const { data, error, refetch } = useQuery(connectionQuery(connectionId));
  if (data === undefined && error !== null)
    return (
      <Page title="Connection">
        <Failure error={error} onRetry={() => void refetch()} />
      </Page>
    );
  return (
    <Page
      title={data?.value.name ?? "Connection"}
      // A space as high as the words that come.
      subtitle={data === undefined ? "\u00a0" : `${kindLook(data.value.kind).title}, owned by ${data.value.owner}`}
      actions={data && <Actions connection={data.value} />}
    >
      {data === undefined ? <CardSkeleton lines={8} /> : <Content connection={data} />}
    </Page>
  );
}

function Actions({ connection }: { connection: Connection }) {
  return (
    <>
      <ConnectionStateBadge connection={connection} size="md" />
      <HeaderActions connection={connection} />
    </>
  );
}

function Content({ connection }: { connection: Tagged<Connection> }) {
  const may = useMay();
  const [search, set] = useUrlState(FIELDS);
  const { id } = connection.value;
  const tabs = TABS.filter((tab) => NEEDS[tab] === undefined || may(NEEDS[tab]));
  const tab = tabs.includes(search.tab) ? search.tab : "overview";
  const panel: Record<Tab, () => ReactNode> = {
    overview: () => <OverviewPanel connection={connection.value} />,
    streams: () => <StreamsPanel connectionId={id} />,
    runs: () => <RunsPanel connectionId={id} />,
    schema: () => <ShapesPanel connectionId={id} />,
    rejects: () => <RejectsPanel connectionId={id} />,
    mappings: () => <MappingsPanel connectionId={id} />,
    settings: () => <EditPanel connection={connection} />,
  };
  const list = useRef<HTMLDivElement>(null);
  // On a narrow page the tab of a deep link may lie outside of what is seen.
  useEffect(() => {
    const shown = list.current?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]');
    if (list.current && shown) list.current.scrollLeft = shown.offsetLeft - list.current.clientWidth / 3;
  }, [tab]);
  return (
    <Tabs
      value={tab}
      onChange={(next) => set({ tab: TABS.find((each) => each === next) ?? "overview" })}
      keepMounted={false}
    >
      <Tabs.List ref={list} mb="md" style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}>
        {tabs.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {LABELS[each]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab}>{panel[tab]()}</Tabs.Panel>
    </Tabs>
  );
}
