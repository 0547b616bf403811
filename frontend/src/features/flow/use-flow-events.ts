/** The events of the page: those of before and the live ones, held back while it is paused. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { compareIds, merged } from "@/features/flow/event-order";
import { PulseStore } from "@/features/flow/pulses";
import { recentEventsQuery } from "@/features/flow/recent-events-query";
import type { LiveEvent } from "@/live/event-stream";
import { useLiveEvents } from "@/live/use-live";

const NOTHING: readonly LiveEvent[] = [];

export interface FlowEvents {
  /** Oldest first. */
  shown: readonly LiveEvent[];
  /** How many came since it was paused. */
  held: number;
  isPaused: boolean;
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  pause: () => void;
  resume: () => void;
}

export function useFlowEvents(): FlowEvents {
  const history = useQuery(recentEventsQuery());
  const live = useLiveEvents();
  const [pausedAt, setPausedAt] = useState<string | null>(null);
  const all = useMemo(() => merged(history.data ?? NOTHING, live), [history.data, live]);
  const shown = useMemo(
    () => (pausedAt === null ? all : all.filter((event) => compareIds(event.id, pausedAt) <= 0)),
    [all, pausedAt],
  );
  return {
    shown,
    held: all.length - shown.length,
    isPaused: pausedAt !== null,
    isLoading: history.isPending,
    error: history.data === undefined ? history.error : null,
    retry: () => void history.refetch(),
    pause: () => setPausedAt(all.at(-1)?.id ?? "0-0"),
    resume: () => setPausedAt(null),
  };
}

/** Pulses for what comes from now on; what was there when the picture was opened does not move again. */
export function usePulseStore(
  events: readonly LiveEvent[],
  isWanted: (event: LiveEvent) => boolean,
  isReady: boolean,
): PulseStore {
  const [store] = useState(() => new PulseStore());
  const seen = useRef<string | null>(null);
  const wanted = useRef(isWanted);
  useEffect(() => {
    wanted.current = isWanted;
  });
  useEffect(() => {
    if (!isReady) return;
    const before = seen.current;
    const newest = events.at(-1)?.id ?? "0-0";
    if (before === null || compareIds(newest, before) > 0) seen.current = newest;
    if (before === null) return;
    store.add(events.filter((event) => compareIds(event.id, before) > 0 && wanted.current(event)));
  }, [events, isReady, store]);
  useEffect(() => () => store.stop(), [store]);
  return store;
}
