/** The events of the page: those of before and the live ones, held back while it is paused. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { itemsOf } from "@/api/queries/infinite";
import { compareIds } from "@/features/flow/event-order";
import { PulseStore } from "@/features/flow/pulses";
import { asLive, recentEventsQuery } from "@/features/flow/recent-events-query";
import { Trail } from "@/features/flow/trail";
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
  /** Whether more are kept than are here. */
  hasOlder: boolean;
  isLoadingOlder: boolean;
  loadOlder: () => void;
  retry: () => void;
  pause: () => void;
  resume: () => void;
}

/** `kind`: those that the list is about; of others as many as are needed to draw the picture. */
export function useFlowEvents(kind: string): FlowEvents {
  const recent = useInfiniteQuery(recentEventsQuery());
  const chosen = useInfiniteQuery({ ...recentEventsQuery(kind), enabled: kind !== "" });
  const history = kind === "" ? recent : chosen;
  const live = useLiveEvents();
  const [trail] = useState(() => new Trail());
  const [pausedAt, setPausedAt] = useState<string | null>(null);
  const all = useMemo(
    () => trail.with(liveOf(recent.data), liveOf(chosen.data), live),
    [trail, recent.data, chosen.data, live],
  );
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
    hasOlder: history.hasNextPage,
    isLoadingOlder: history.isFetchingNextPage,
    loadOlder: () => void history.fetchNextPage(),
    retry: () => void history.refetch(),
    pause: () => setPausedAt(all.at(-1)?.id ?? "0-0"),
    resume: () => setPausedAt(null),
  };
}

function liveOf(data: Parameters<typeof itemsOf<Parameters<typeof asLive>[0]>>[0]): readonly LiveEvent[] {
  return itemsOf(data)?.map(asLive) ?? NOTHING;
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
