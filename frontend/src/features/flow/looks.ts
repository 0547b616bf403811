/** How a place is doing, in a sentence and a tone; null where nothing was heard. */
import type { Connection, Schemas } from "@/api/types";
import { detailsOf } from "@/features/flow/event-look";
import type { StageStanding } from "@/features/flow/standing";
import { formatCount } from "@/ui/numbers";
import type { Tone } from "@/ui/tones";

export interface Look {
  says: string | null;
  tone: Tone | null;
  /** The moment that `says` speaks of. */
  at?: string;
}

const UNDER_WAY = ["requested", "queued", "running"];

export function connectionLook(connection: Connection): Look {
  const { status, safe_mode: isSafe, last_sync: last, last_success_at: at } = connection;
  if (status === "needs_person") return { says: "needs a person", tone: "bad" };
  if (status === "failing") return { says: "its last sync failed", tone: "bad" };
  if (last !== null && UNDER_WAY.includes(last.status))
    return { says: last.status === "running" ? "is read now" : "waits to be read", tone: "busy" };
  if (status === "paused") return { says: "paused", tone: "off" };
  if (isSafe) return { says: "in Safe Mode: samples only", tone: "careful" };
  if (at === null) return { says: "not read yet", tone: "unknown" };
  return { says: "read", tone: "good", at };
}

export function stageLook(standing: StageStanding | undefined): Look {
  if (standing === undefined) return { says: null, tone: null };
  if (standing.running > 0) return { says: `${formatCount(standing.running)} running`, tone: "busy" };
  const { last } = standing;
  if (last === null || last.kind === "stage.started") return { says: null, tone: null };
  const counted = detailsOf({ ...last, data: { ...last.data, stage: null, name: null } });
  if (last.kind === "stage.failed") return { says: "failed", tone: "bad", at: last.at };
  return { says: counted === "" ? "done" : counted, tone: "good", at: last.at };
}

export function peopleLook(waiting: number | undefined): Look {
  if (waiting === undefined) return { says: null, tone: null };
  if (waiting === 0) return { says: "nobody is asked", tone: "good" };
  return { says: `${formatCount(waiting)} ${waiting === 1 ? "repair waits" : "repairs wait"}`, tone: "waiting" };
}

export function readersLook(publication: Schemas["PublicationOut"] | null): Look {
  if (publication === null) return { says: "nothing is published yet", tone: "unknown" };
  return { says: `read snapshot ${publication.snapshot_id}`, tone: "good", at: publication.published_at };
}
