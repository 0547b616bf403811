/** Whether the stream of events is broken, and with how many events it caught up when it came back. */
import { useEffect, useReducer, useRef } from "react";

import type { LiveEvent } from "@/live/event-stream";
import { useLiveState } from "@/live/use-live";

// A break that is over at once is none to be told of.
const SURE_MS = 700;
// What was missed is sent as soon as the stream is open.
const SENT_MS = 1500;
const SHOWN_MS = 12_000;

export interface Break {
  isBroken: boolean;
  /** null when there was no break lately. */
  caughtUp: number | null;
}

const WHOLE: Break = { isBroken: false, caughtUp: null };

export function useBreak(events: readonly LiveEvent[]): Break {
  const state = useLiveState();
  const [now, become] = useReducer((_: Break, next: Break) => next, WHOLE);
  const count = useRef(0);
  const before = useRef<number | null>(null);
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);

  useEffect(() => {
    count.current = events.length;
  }, [events]);
  useEffect(() => {
    const later = (ms: number, what: () => void) => timers.current.push(setTimeout(what, ms));
    const forget = () => timers.current.splice(0).forEach(clearTimeout);
    if (state === "waiting" && before.current === null) {
      forget();
      before.current = count.current;
      later(SURE_MS, () => become({ isBroken: true, caughtUp: null }));
    } else if (state === "live" && before.current !== null) {
      forget();
      const known = before.current;
      before.current = null;
      become(WHOLE);
      later(SENT_MS, () => become({ isBroken: false, caughtUp: count.current - known }));
      later(SENT_MS + SHOWN_MS, () => become(WHOLE));
    }
  }, [state]);
  useEffect(() => {
    const running = timers.current;
    return () => running.splice(0).forEach(clearTimeout);
  }, []);
  return now;
}
