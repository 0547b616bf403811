/** Every event that is shown, the newest first, with the places where some are missing. */
import { IconUnlink } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, type ReactNode } from "react";

import type { Entry } from "@/features/flow/event-order";
import { EventRow } from "@/features/flow/event-row";
import type { Gap } from "@/live/event-stream";
import classes from "./event-log.module.css";

const ROW = 52;
export const LOG_HEIGHT = 468;

interface EventLogProps {
  entries: readonly Entry[];
  /** What a kind means, by kind. */
  meaning: ReadonlyMap<string, string>;
  /** Names of connections by id. */
  names: ReadonlyMap<string, string>;
  openId: string;
  onOpen: (id: string) => void;
  /** Stands behind the oldest. */
  end: ReactNode;
}

export function EventLog({ entries, meaning, names, openId, onOpen, end }: EventLogProps) {
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
    <div ref={scroller} className={classes.log} style={{ maxHeight: LOG_HEIGHT }} role="group" aria-label="Events, the newest first">
      <ol className={classes.events} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          if (entry === undefined) return null;
          const { event, gap } = entry;
          return (
            <li key={event?.id ?? `gap-${gap?.from}`} className={classes.event} style={{ transform: `translateY(${start}px)` }}>
              {event === undefined ? (
                <Missing gap={gap} />
              ) : (
                <EventRow
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
      {end}
    </div>
  );
} // prettier-ignore

function Missing({ gap }: { gap: Gap | undefined }) {
  const why = gap?.reason === "lost" ? "the store of events lost them" : "they are too long ago to be kept";
  return (
    <div className={classes.gap}>
      <IconUnlink size={16} aria-hidden />
      <span>Some events are missing here: {why}. What they changed was loaded anew.</span>
    </div>
  );
}
