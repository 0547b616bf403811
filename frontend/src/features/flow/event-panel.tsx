/** The list of events with what is said above it, or what stands in for it. */
import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";

import { EventLog, LOG_HEIGHT } from "@/features/flow/event-log";
import { withGaps } from "@/features/flow/event-order";
import type { FlowEvents } from "@/features/flow/use-flow-events";
import type { LiveEvent } from "@/live/event-stream";
import { useLiveGaps } from "@/live/use-live";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { LoadMore } from "@/ui/load-more";
import { formatCount } from "@/ui/numbers";

interface EventPanelProps {
  events: FlowEvents;
  wanted: (event: LiveEvent) => boolean;
  isFiltered: boolean;
  onUnfilter: () => void;
  meaning: ReadonlyMap<string, string>;
  names: ReadonlyMap<string, string>;
  openId: string;
  onOpen: (id: string) => void;
}

export function EventPanel({ events, wanted, isFiltered, onUnfilter, ...log }: EventPanelProps) {
  const gaps = useLiveGaps();
  const shown = events.shown.filter(wanted);
  const said = events.isPaused ? "paused" : "the newest first";
  return (
    <Stack gap="xs" component="section" aria-label="Events">
      <Group justify="space-between">
        <Title order={2} size="h5">
          Events
        </Title>
        <Text size="sm" c="dimmed" mih={22}>
          {events.isLoading ? "" : `${formatCount(shown.length)} shown, ${said}`}
        </Text>
      </Group>
      {events.error !== null ? (
        <Failure error={events.error} onRetry={events.retry} />
      ) : events.isLoading ? (
        <Skeleton height={LOG_HEIGHT} radius="md" data-state="loading" />
      ) : shown.length + gaps.length === 0 ? (
        <Nothing events={events} isFiltered={isFiltered} onUnfilter={onUnfilter} />
      ) : (
        <EventLog entries={withGaps(shown, gaps)} {...log} end={<Older events={events} />} />
      )}
    </Stack>
  );
}

function Older({ events: { hasOlder, isLoadingOlder, loadOlder } }: { events: FlowEvents }) {
  return (
    <LoadMore hasMore={hasOlder} isLoading={isLoadingOlder} onMore={loadOlder} end="Nothing older is kept." />
  );
} // prettier-ignore

interface NothingProps {
  events: FlowEvents;
  isFiltered: boolean;
  onUnfilter: () => void;
}

function Nothing({ events: { hasOlder, isLoadingOlder, loadOlder }, isFiltered, onUnfilter }: NothingProps) {
  const actions = isFiltered && (
    <Group gap="sm">
      {hasOlder && (
        <Button variant="default" loading={isLoadingOlder} onClick={loadOlder}>
          Look further back
        </Button>
      )}
      <Button variant="default" onClick={onUnfilter}>
        Show all
      </Button>
    </Group>
  );
  return (
    <Empty
      title={isFiltered ? "No such event" : "No events yet"}
      icon={<IconTimeline size={24} stroke={1.6} />}
      action={actions}
    >
      {!isFiltered
        ? "The first sync tells of itself here, stage by stage."
        : hasOlder
          ? "None of the newest ones fits what you chose; older ones are kept."
          : "None of those that are kept fits what you chose."}
    </Empty>
  );
}
