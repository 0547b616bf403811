/** What a stage did when it was last done, in the one figure that matters there; null when the event has none. */
import type { LiveEvent } from "@/live/event-stream";
import { formatCount, formatShort } from "@/ui/numbers";

type Data = LiveEvent["data"];
type Say = (data: Data) => string | null;

const SAYS: Record<string, Say> = {
  extract: (data) => counted(data["read"], "read"),
  fingerprint: (data) => some(data["changes"], "change", "same shape"),
  mapping: (data) => asked(data) ?? some(data["new_versions"], "new version", "same mapping"),
  knowledge: (data) => some(data["meanings"], "meaning", "nothing learned yet"),
  normalize: (data) => join(counted(data["loaded"], "loaded"), rest(data)),
  resolve: (data) => some(total(data["members_changed"]), "match changed", "same matches", "matches changed"),
  unify: (data) => some(total(data["rows_written"]), "row written", "same rows", "rows written"),
  publish: (data) => (typeof data["snapshot_id"] === "number" ? `snapshot ${data["snapshot_id"]}` : null),
};

export function stageSays({ data }: LiveEvent): string | null {
  const stage = data["stage"];
  return typeof stage === "string" ? (SAYS[stage]?.(data) ?? null) : null;
}

function counted(value: unknown, word: string): string | null {
  return typeof value === "number" ? `${formatShort(value)} ${word}` : null;
}

function some(value: unknown, one: string, none: string, many = `${one}s`): string | null {
  if (typeof value !== "number") return null;
  return value === 0 ? none : `${formatCount(value)} ${value === 1 ? one : many}`;
}

function asked({ asked: count }: Data): string | null {
  return typeof count === "number" && count > 0 ? `${formatCount(count)} for a person` : null;
}

/** What did not get through, where something did not; held records are not rejected ones. */
function rest({ held, rejected }: Data): string | null {
  const parts = [
    [held, "held"],
    [rejected, "rejected"],
  ] as const;
  const said = parts.flatMap(([value, word]) => (typeof value === "number" && value > 0 ? counted(value, word) : []));
  return said.length === 0 ? null : said.join(", ");
}

function join(...parts: (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? null : said.join(", ");
}

/** Counts by entity, added up; not known where one of them is not. */
function total(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const counts: unknown[] = Object.values(value);
  return counts.every((count) => typeof count === "number")
    ? counts.reduce<number>((sum, count) => sum + Number(count), 0)
    : undefined;
}
