/** Every event that is shown, the newest first, with the places where some are missing. */
import { Group, Text, UnstyledButton } from "@mantine/core";
import { IconUnlink } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";

import type { Entry } from "@/features/flow/event-order";
import { detailsOf, toneOf } from "@/features/flow/event-look";
import type { Gap, LiveEvent } from "@/live/event-stream";
import { TONES } from "@/ui/tones";
import classes from "./flow.module.css";

const ROW = 52;
const LOG_HEIGHT = 416;
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

interface EventLogProps {
  entries: readonly Entry[];
  /** What a kind means, by kind. */
  meaning: ReadonlyMap<string, string>;
  /** Names of connections by id. */
  names: ReadonlyMap<string, string>;
  openId: string;
  onOpen: (id: string) => void;
}

export function EventLog({ entries, meaning, names, openId, onOpen }: EventLogProps) {
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is memoized or handed on
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    initialRect: { width: 0, height: LOG_HEIGHT },
  });
  return (
    <div
      ref={scroller}
      className={classes.log}
      style={{ height: LOG_HEIGHT }}
      role="group"
      aria-label="Events, the newest first"
    >
      <ol className={classes.events} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          if (entry === undefined) return null;
          const { event, gap } = entry;
          return (
            <li
              key={event?.id ?? `gap-${gap?.from}`}
              className={classes.event}
              style={{ transform: `translateY(${start}px)` }}
            >
              {event === undefined ? (
                <Missing gap={gap} />
              ) : (
                <Row
                  event={event}
                  meaning={meaning.get(event.kind)}
                  name={names.get(String(event.data["connection_id"]))}
                  isOpen={event.id === openId}
                  onOpen={onOpen}
                />
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

interface RowProps {
  event: LiveEvent;
  meaning: string | undefined;
  name: string | undefined;
  isOpen: boolean;
  onOpen: (id: string) => void;
}

function Row({ event, meaning, name, isOpen, onOpen }: RowProps) {
  const { icon: Icon, colour } = TONES[toneOf(event.kind)];
  const about = [name, detailsOf(event)].filter(Boolean).join(" · ");
  return (
    <UnstyledButton className={classes.row} data-open={isOpen || undefined} onClick={() => onOpen(event.id)}>
      <span className={classes.tone} style={{ color: `var(--mantine-color-${colour}-light-color)` }} aria-hidden>
        <Icon size={16} />
      </span>
      <div style={{ minWidth: 0 }}>
        <Group gap={8} wrap="nowrap">
          <Text size="sm" fw={650} style={{ flex: "none" }}>
            {event.kind}
          </Text>
          <Text size="sm" c="dimmed" truncate visibleFrom="sm">
            {meaning}
          </Text>
        </Group>
        <Text size="xs" c="dimmed" truncate>
          {about === "" ? (event.actor ?? "the platform itself") : about}
        </Text>
      </div>
      <Text size="xs" c="dimmed" component="time" dateTime={event.at}>
        {TIME.format(new Date(event.at))}
      </Text>
    </UnstyledButton>
  );
}

function Missing({ gap }: { gap: Gap | undefined }) {
  const why = gap?.reason === "lost" ? "the store of events lost them" : "they are too long ago to be kept";
  return (
    <div className={classes.gap}>
      <IconUnlink size={16} aria-hidden />
      <span>Some events are missing here: {why}. What they changed was loaded anew.</span>
    </div>
  );
}
