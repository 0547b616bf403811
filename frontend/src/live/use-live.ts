/** What pages read of the live events. */
import { createContext, useContext, useMemo, useSyncExternalStore } from "react";

import { EventStore, type LiveNow } from "@/live/event-store";
import type { Gap, LiveEvent, LiveState } from "@/live/event-stream";

export const LiveContext = createContext<EventStore>(new EventStore());

export interface LiveFilter {
  /** Whole kinds, or what stands before the dot: `["sync", "drift.seen"]`. All, when left out. */
  kinds?: readonly string[];
  /** Fields that the event's data has to have: `{ connection_id: id }`. */
  data?: Readonly<Record<string, string>>;
}

/** The last events that fit, oldest first; at most 500 of all kinds are kept. */
export function useLiveEvents(filter: LiveFilter = {}): readonly LiveEvent[] {
  const { events } = useLiveNow();
  const said = JSON.stringify(filter);
  return useMemo(() => {
    const wanted = JSON.parse(said) as LiveFilter;
    return events.filter((event) => fits(event, wanted));
  }, [events, said]);
}

export function useLiveState(): LiveState {
  return useLiveNow().state;
}

/** Where the stream had to say that it cannot tell everything. */
export function useLiveGaps(): readonly Gap[] {
  return useLiveNow().gaps;
}

export function fits(event: LiveEvent, filter: LiveFilter): boolean {
  const { kinds, data } = filter;
  if (kinds !== undefined && !kinds.some((kind) => event.kind === kind || event.kind.startsWith(`${kind}.`)))
    return false;
  return Object.entries(data ?? {}).every(([name, value]) => event.data[name] === value);
}

function useLiveNow(): LiveNow {
  const store = useContext(LiveContext);
  return useSyncExternalStore(store.subscribe, store.read);
}
