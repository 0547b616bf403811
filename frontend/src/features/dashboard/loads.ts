/** Records over time, from the counts of syncs that ended: arithmetic alone. */
import type { Schemas } from "@/api/types";

export const SPANS = ["24h", "7d"] as const;
export type Span = (typeof SPANS)[number];

export interface Load {
  /** The beginning of its hour or day. */
  at: number;
  loaded: number;
  /** Did not fit; without those that are held. */
  rejected: number;
  held: number;
  syncs: number;
}

export type LoadTotals = Omit<Load, "at">;

const STEPS: Record<Span, number> = { "24h": 24, "7d": 7 };

/** Beginnings of the hours or days of a span by this machine's clock, oldest first. */
export function stepsOf(span: Span, now: number): number[] {
  return Array.from({ length: STEPS[span] }, (_, at) => {
    const back = STEPS[span] - 1 - at;
    const moment = new Date(now);
    if (span === "24h") moment.setHours(moment.getHours() - back, 0, 0, 0);
    else {
      moment.setDate(moment.getDate() - back);
      moment.setHours(0, 0, 0, 0);
    }
    return moment.getTime();
  });
}

export function startOf(span: Span, now: number): number {
  return stepsOf(span, now)[0] ?? now;
}

/** Where the step that begins then ends: the beginning of the next. Days are not all of one length. */
export function endOf(span: Span, at: number): number {
  const moment = new Date(at);
  if (span === "24h") moment.setHours(moment.getHours() + 1);
  else moment.setDate(moment.getDate() + 1);
  return moment.getTime();
}

/** A replay maps what was counted before, so it is left out; a sync counts where it ended. */
export function loadsOf(syncs: readonly Schemas["SyncOut"][], span: Span, now: number): Load[] {
  const loads = stepsOf(span, now).map((at) => ({ at, loaded: 0, rejected: 0, held: 0, syncs: 0 }));
  for (const sync of syncs) {
    if (!sync.finished_at || sync.kind !== "sync") continue;
    const ended = Date.parse(sync.finished_at);
    const load = loads.findLast((each) => each.at <= ended);
    if (load === undefined) continue;
    load.loaded += sync.counts.loaded;
    load.rejected += sync.counts.rejected - sync.counts.held;
    load.held += sync.counts.held;
    load.syncs += 1;
  }
  return loads;
}

export interface Refusals {
  connectionId: string;
  rejected: number;
  held: number;
}

/** Whose records did not fit or wait, most first: the same syncs as `loadsOf` counts. */
export function refusalsOf(syncs: readonly Schemas["SyncOut"][], span: Span, now: number): Refusals[] {
  const since = startOf(span, now);
  const found = new Map<string, Refusals>();
  for (const { connection_id: connectionId, kind, finished_at: ended, counts } of syncs) {
    if (!ended || kind !== "sync" || Date.parse(ended) < since || counts.rejected === 0) continue;
    const before = found.get(connectionId) ?? { connectionId, rejected: 0, held: 0 };
    const rejected = before.rejected + counts.rejected - counts.held;
    found.set(connectionId, { connectionId, rejected, held: before.held + counts.held });
  }
  return [...found.values()].sort((one, other) => other.rejected + other.held - one.rejected - one.held);
}

export function totalOf(loads: readonly Load[]): LoadTotals {
  const total = { loaded: 0, rejected: 0, held: 0, syncs: 0 };
  for (const load of loads) {
    total.loaded += load.loaded;
    total.rejected += load.rejected;
    total.held += load.held;
    total.syncs += load.syncs;
  }
  return total;
}
