/** The list of events with what is said above it, or what stands in for it. */
import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";

import { EventLog } from "@/features/flow/event-log";
import { withGaps } from "@/features/flow/event-order";
import type { FlowEvents } from "@/features/flow/use-flow-events";
import type { LiveEvent } from "@/live/event-stream";
import { useLiveGaps } from "@/live/use-live";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
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
        <Text size="sm" c="dimmed">
          {events.isLoading ? "" : `${formatCount(shown.length)} shown, ${said}`}
        </Text>
      </Group>
      {events.error !== null ? (
        <Failure error={events.error} onRetry={events.retry} />
      ) : events.isLoading ? (
        <Skeleton height={416} radius="md" data-state="loading" />
      ) : shown.length + gaps.length === 0 ? (
        <Nothing isFiltered={isFiltered} onUnfilter={onUnfilter} />
      ) : (
        <EventLog entries={withGaps(shown, gaps)} {...log} />
      )}
    </Stack>
  );
}

function Nothing({ isFiltered, onUnfilter }: { isFiltered: boolean; onUnfilter: () => void }) {
  const action = isFiltered && (
    <Button variant="default" onClick={onUnfilter}>
      Show all
    </Button>
  );
  return (
    <Empty
      title={isFiltered ? "No such event" : "No events yet"}
      icon={<IconTimeline size={24} stroke={1.6} />}
      action={action}
    >
      {isFiltered
        ? "None of those that are kept fits what you chose."
        : "The first sync tells of itself here, stage by stage."}
    </Empty>
  );
}
