/** How old a view's data is against the schedule of its sources: what the API told, weighed at one moment. */
import type { Connection, Schemas } from "@/api/types";
import type { Tone } from "@/ui/tones";

export type View = Schemas["ViewOut"];

export interface Freshness {
  tone: Tone;
  word: string;
  why: string;
  /** When the source that was read longest ago was read last; null where that is not known. */
  asOf: string | null;
  /** When the next of its sources is due; null when none is. */
  nextAt: string | null;
}

// A sync is asked for within a tick or two of its time.
const GRACE_MS = 60_000;
const UNDER_WAY = ["requested", "queued", "running"];

export function freshnessOf(
  view: View,
  connections: readonly Connection[],
  staleSince: string | null,
  now: number,
): Freshness {
  const sources = connections.filter(({ id }) => view.sources.some((source) => source.connection_id === id));
  const reads = sources.map((source) => source.last_success_at);
  const times = {
    asOf: reads.includes(null) ? null : (reads.filter((at) => at !== null).sort()[0] ?? null),
    nextAt: sources.flatMap((source) => source.next_due_at ?? []).sort()[0] ?? null,
  };
  return { ...stateOf(view, sources, staleSince, now), ...times };
}

function stateOf(
  view: View,
  sources: readonly Connection[],
  staleSince: string | null,
  now: number,
): Pick<Freshness, "tone" | "word" | "why"> {
  if (view.published_at === null) return { tone: "unknown", word: "not published", why: "It was never published." };
  if (sources.length === 0) return { tone: "off", word: "no source", why: "No connection that is here fills it." };
  const failing = sources.find(({ status }) => status === "failing" || status === "needs_person");
  if (failing !== undefined)
    return { tone: "bad", word: "held up", why: `${failing.name}: ${failing.error ?? "its last sync failed"}` };
  const syncing = sources.find(({ last_sync }) => last_sync !== null && UNDER_WAY.includes(last_sync.status));
  if (syncing !== undefined) return { tone: "busy", word: "updating", why: `${syncing.name} is being synced.` };
  const overdue = sources.find(({ next_due_at }) => next_due_at !== null && Date.parse(next_due_at) < now - GRACE_MS);
  if (overdue !== undefined)
    return { tone: "warning", word: "overdue", why: `A sync of ${overdue.name} should have begun by now.` };
  if (staleSince !== null)
    return { tone: "busy", word: "behind", why: "Newer records are there; the views are published anew soon." };
  const paused = sources.filter(({ status }) => status === "paused");
  if (paused.length === sources.length) return { tone: "off", word: "paused", why: "All its sources are paused." };
  if (sources.every(({ schedule }) => schedule === null))
    return { tone: "off", word: "by hand", why: "Its sources are synced when somebody asks for it." };
  return { tone: "good", word: "on schedule", why: "Every source was read when it was due." };
}
