/** How far a sync or refresh is, from what was heard of it live. What was not heard is not known. */
import type { LiveEvent } from "@/live/event-stream";

export interface Progress {
  /** The stage that runs, or the one that ended last. */
  stage: string | null;
  isBetween: boolean;
  /** Null until a stream was told of. */
  read: number | null;
  loaded: number | null;
}

export function progressOf(runId: string, events: readonly LiveEvent[]): Progress {
  const streams = new Map<string, { read: number | null; loaded: number | null }>();
  let stage: string | null = null;
  let isBetween = false;
  for (const { kind, data } of events) {
    if (data["sync_run_id"] !== runId && data["refresh_id"] !== runId) continue;
    if (kind === "stage.started" || kind === "stage.finished") {
      stage = typeof data["stage"] === "string" ? data["stage"] : stage;
      isBetween = kind === "stage.finished";
    }
    if (kind === "sync.stream" && typeof data["stream"] === "string") {
      const before = streams.get(data["stream"]) ?? { read: null, loaded: null };
      streams.set(data["stream"], {
        read: countIn(data, "read") ?? before.read,
        loaded: countIn(data, "loaded") ?? before.loaded,
      });
    }
  }
  const all = [...streams.values()];
  return { stage, isBetween, read: sum(all.map(({ read }) => read)), loaded: sum(all.map(({ loaded }) => loaded)) };
}

function countIn(data: Record<string, unknown>, name: string): number | null {
  const value = data[name];
  return typeof value === "number" ? value : null;
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
