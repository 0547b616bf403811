/** From sources to readers as a living picture: nothing moves there without an event that was told. */
import { Group } from "@mantine/core";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { ConnectionNotice } from "@/features/flow/connection-notice";
import { EventDrawer } from "@/features/flow/event-drawer";
import { eventKindsQuery } from "@/features/flow/event-kinds-query";
import { EventPanel } from "@/features/flow/event-panel";
import { isWanted, useFlowState } from "@/features/flow/fields";
import { FlowPicture } from "@/features/flow/flow-picture";
import { FlowFilters, PauseButton } from "@/features/flow/flow-tools";
import type { Stage } from "@/features/flow/places";
import { recentEventsQuery } from "@/features/flow/recent-events-query";
import { StageDrawer } from "@/features/flow/stage-drawer";
import { useFlowEvents, usePulseStore } from "@/features/flow/use-flow-events";
import type { LiveEvent } from "@/live/event-stream";
import { Page } from "@/ui/page";

/** Begun, not waited for: the picture and the list have states of their own while they load. */
export const loader = (client: QueryClient): void => {
  void client.prefetchInfiniteQuery(recentEventsQuery());
  void client.prefetchQuery(eventKindsQuery());
  void client.prefetchQuery(viewsQuery());
  void client.prefetchQuery(tenantStateQuery());
};

export default function FlowPage() {
  const [{ connection, kind, event: openId, stage }, set] = useFlowState();
  const events = useFlowEvents(kind);
  const { data: connections } = useQuery(connectionsQuery());
  const { data: kinds } = useQuery(eventKindsQuery());
  const wanted = (event: LiveEvent) => isWanted(event, connection, kind);
  const pulses = usePulseStore(events.shown, wanted, !events.isLoading);
  const names = useMemo(() => new Map(connections?.map(({ id, name }) => [id, name])), [connections]);
  const meaning = useMemo(() => new Map(kinds?.map((each) => [each.kind, each.description])), [kinds]);
  const open = (id: string) => set({ event: id }, true);
  const openStage = useCallback((each: Stage) => set({ stage: each }, true), [set]);

  return (
    <Page
      title="Live Flow"
      subtitle="From sources to consumers as it happens: what moves is an event that was told"
      actions={<PauseButton events={events} />}
    >
      <Group justify="space-between" gap="sm">
        <FlowFilters connections={connections ?? []} />
        <ConnectionNotice events={events.shown} />
      </Group>
      <FlowPicture events={events.shown} pulses={pulses} connection={connection} onStage={openStage} />
      <EventPanel
        events={events}
        wanted={wanted}
        isFiltered={connection !== "" || kind !== ""}
        onUnfilter={() => set({ connection: "", kind: "" })}
        meaning={meaning}
        names={names}
        openId={openId}
        onOpen={open}
      />
      <StageDrawer
        stage={openId === "" ? stage : null}
        events={events.shown}
        meaning={meaning}
        names={names}
        onOpen={open}
        onClose={() => set({ stage: null })}
      />
      <EventDrawer
        id={openId}
        known={events.shown.find(({ id }) => id === openId)}
        meaning={meaning}
        names={names}
        onClose={() => set({ event: "" })}
      />
    </Page>
  );
}
