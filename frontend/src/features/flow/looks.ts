/** How a place is doing, in a few words and a tone; null where nothing was heard. */
import type { ApiKey } from "@/api/queries/api-keys-query";
import type { Connection, Schemas } from "@/api/types";
import { stageSays } from "@/features/flow/stage-says";
import type { StageStanding } from "@/features/flow/standing";
import { formatCount, formatShort } from "@/ui/numbers";
import type { Tone } from "@/ui/tones";

export interface Look {
  says: string | null;
  tone: Tone | null;
  /** What the tone's shape means, for those who do not see it. */
  word?: string;
  /** The moment that `says` speaks of. */
  at?: string;
}

const UNDER_WAY = ["requested", "queued", "running"];

export function connectionLook(connection: Connection): Look {
  const { status, safe_mode: isSafe, last_sync: last, last_success_at: at } = connection;
  const ended = last?.finished_at ?? undefined;
  if (status === "needs_person") return { says: "needs a person", tone: "bad", word: "stopped" };
  if (status === "failing") return { says: "sync failed", tone: "bad", word: "failing", at: ended };
  if (last !== null && UNDER_WAY.includes(last.status))
    return last.status === "running"
      ? { says: "being read now", tone: "busy", word: "running" }
      : { says: "waits to be read", tone: "busy", word: "waiting" };
  if (status === "paused") return { says: "paused", tone: "off", word: "paused", at: at ?? undefined };
  if (isSafe) return { says: "Safe Mode: samples", tone: "careful", word: "in Safe Mode", at: at ?? undefined };
  if (at === null) return { says: "not read yet", tone: "unknown", word: "unknown" };
  const read = last?.status === "succeeded" ? `${formatShort(last.counts.read)} read` : "read";
  return { says: read, tone: "good", word: "in order", at };
}

export function stageLook(standing: StageStanding | undefined): Look {
  if (standing === undefined) return { says: null, tone: null };
  if (standing.running > 0) return { says: `${formatCount(standing.running)} running`, tone: "busy", word: "running" };
  const { last } = standing;
  if (last === null || last.kind === "stage.started") return { says: null, tone: null };
  if (last.kind === "stage.failed") return { says: "failed", tone: "bad", word: "failed", at: last.at };
  return { says: stageSays(last) ?? "done", tone: "good", word: "done", at: last.at };
}

export function peopleLook(waiting: number | undefined): Look {
  if (waiting === undefined) return { says: null, tone: null };
  if (waiting === 0) return { says: "nothing waits", tone: "good", word: "in order" };
  const says = `${formatCount(waiting)} ${waiting === 1 ? "repair waits" : "repairs wait"}`;
  return { says, tone: "waiting", word: "waiting" };
}

export function readersLook(publication: Schemas["PublicationOut"] | null): Look {
  if (publication === null) return { says: "nothing to read yet", tone: "unknown", word: "unknown" };
  return { says: `snapshot ${publication.snapshot_id}`, tone: "good", word: "in order", at: publication.published_at };
}

/** `keys` is undefined for who may not see them. */
export function programsLook(keys: readonly ApiKey[] | undefined): Look {
  if (keys === undefined) return { says: "keys are for admins to see", tone: null };
  if (keys.length === 0) return { says: "no API key", tone: "off", word: "none" };
  const used = keys.flatMap(({ last_used_at: at }) => (at === null ? [] : [at])).sort();
  const says = `${formatCount(keys.length)} API ${keys.length === 1 ? "key" : "keys"}`;
  const newest = used.at(-1);
  return newest === undefined
    ? { says: `${says}, not used yet`, tone: "unknown", word: "unused" }
    : { says: `${says}, used`, tone: "good", word: "in use", at: newest };
}
