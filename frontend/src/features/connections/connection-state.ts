/** How a connection is doing, in a word with its tone; and its schedule as people say it. */
import type { Connection } from "@/api/types";
import type { Tone } from "@/ui/tones";

export const STATES = ["active", "safe_mode", "paused", "failing", "needs_person"] as const;
export type State = (typeof STATES)[number];

export interface StateLook {
  tone: Tone;
  word: string;
  hint: string;
}

const LOOKS: Record<State, StateLook> = {
  active: { tone: "good", word: "active", hint: "It is synced as planned." },
  safe_mode: {
    tone: "careful",
    word: "Safe Mode",
    hint: "Its syncs read a sample of each stream, until policy or a person lifts Safe Mode.",
  },
  paused: { tone: "off", word: "paused", hint: "The schedule leaves it alone until somebody resumes it." },
  failing: { tone: "bad", word: "failing", hint: "Its last sync failed; it is tried again by itself." },
  needs_person: { tone: "bad", word: "needs a person", hint: "It is not tried again until somebody acts." },
};

/** The one that matters most. Safe Mode shows where nothing worse does. */
export function stateOf(connection: Pick<Connection, "status" | "safe_mode">): State {
  return connection.status === "active" && connection.safe_mode ? "safe_mode" : connection.status;
}

export function lookOf(state: State): StateLook {
  return LOOKS[state];
}

const UNITS: readonly [seconds: number, one: string, many: string][] = [
  [86_400, "day", "days"],
  [3_600, "hour", "hours"],
  [60, "minute", "minutes"],
  [1, "second", "seconds"],
];

/** `900s` -> `every 15 minutes`; cron fields stay as they are. */
export function scheduleInWords(schedule: string | null): string {
  if (schedule === null) return "by hand";
  const seconds = /^(\d+)s$/.exec(schedule)?.[1];
  if (seconds === undefined) return `cron ${schedule}`;
  const [size, one, many] = UNITS.find(([each]) => Number(seconds) % each === 0) ?? [1, "second", "seconds"];
  const count = Number(seconds) / size;
  return count === 1 ? `every ${one}` : `every ${count} ${many}`;
}
