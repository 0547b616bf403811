/** From sources to readers as a living picture: nothing moves there without an event that was told. */
import { Alert, Group, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { EventDrawer } from "@/features/flow/event-drawer";
import { eventKindsQuery } from "@/features/flow/event-kinds-query";
import { EventPanel } from "@/features/flow/event-panel";
import { isWanted, useFlowState } from "@/features/flow/fields";
import { FlowPicture } from "@/features/flow/flow-picture";
import { FlowFilters, PauseButton } from "@/features/flow/flow-tools";
import { recentEventsQuery } from "@/features/flow/recent-events-query";
import { useFlowEvents, usePulseStore } from "@/features/flow/use-flow-events";
import type { LiveEvent } from "@/live/event-stream";
import { useLiveState } from "@/live/use-live";
import { Page } from "@/ui/page";

/** Begun, not waited for: the picture and the list have states of their own while they load. */
export const loader = (client: QueryClient): void => {
  void client.prefetchQuery(recentEventsQuery());
  void client.prefetchQuery(eventKindsQuery());
  void client.prefetchQuery(viewsQuery());
  void client.prefetchQuery(tenantStateQuery());
};

export default function FlowPage() {
  const [{ connection, kind, event: openId }, set] = useFlowState();
  const events = useFlowEvents();
  const { data: connections } = useQuery(connectionsQuery());
  const { data: kinds } = useQuery(eventKindsQuery());
  const wanted = (event: LiveEvent) => isWanted(event, connection, kind);
  const pulses = usePulseStore(events.shown, wanted, !events.isLoading);
  const names = useMemo(() => new Map(connections?.map(({ id, name }) => [id, name])), [connections]);
  const meaning = useMemo(() => new Map(kinds?.map((each) => [each.kind, each.description])), [kinds]);
  const open = (id: string) => set({ event: id }, true);

  return (
    <Page
      title="Live Flow"
      subtitle="From sources to consumers as it happens: what moves is an event that was told"
      actions={<PauseButton events={events} />}
    >
      <Group justify="space-between" gap="sm">
        <FlowFilters connections={connections ?? []} />
        <Broken />
      </Group>
      <FlowPicture events={events.shown} pulses={pulses} />
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

/** Beside the filters, so that the picture stays where it is. */
function Broken() {
  const state = useLiveState();
  if (state !== "waiting") return null;
  return (
    <Alert color="yellow" variant="light" py={6} icon={<IconPlugConnectedX size={16} />} role="status">
      <Text size="sm">The connection broke. What happens meanwhile is caught up with when it is back.</Text>
    </Alert>
  );
}
