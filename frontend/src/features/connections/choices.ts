/** What is taken of a stream: each column as it is, as a digest, or not at all. */
import type { Schemas } from "@/api/types";
import type { SourceStream } from "@/features/connections/discover-query";

export type Choice = Schemas["StreamChoice"];
export type Mode = SourceStream["mode"];
export type Taking = "as_is" | "hashed" | "dropped";

export const MODE_WORDS: Record<Mode, string> = {
  snapshot: "Snapshot: each file takes the place of the last",
  append: "Append: new records are added",
  incremental: "Incremental: what changed since the last sync",
  full: "Full: everything, each time",
  full_with_deletes: "Full, and what is absent is deleted",
};

/** Key and cursor are taken whatever is chosen: without them no record is found again. */
export function isNeeded(stream: SourceStream, choice: Choice, column: string): boolean {
  return stream.primary_key.includes(column) || (choice.cursor_field ?? stream.cursor_field) === column;
}

export function takingOf(choice: Choice, column: string): Taking {
  if (choice.hash?.includes(column)) return "hashed";
  if (choice.drop?.includes(column)) return "dropped";
  const only = choice.columns ?? null;
  return only !== null && !only.includes(column) ? "dropped" : "as_is";
}

export function withTaking(choice: Choice, column: string, taking: Taking): Choice {
  const only = choice.columns ?? null;
  const without = (names: string[] | undefined) => (names ?? []).filter((name) => name !== column);
  const hash = taking === "hashed" ? [...without(choice.hash), column] : without(choice.hash);
  if (only === null) {
    return { ...choice, hash, drop: taking === "dropped" ? [...without(choice.drop), column] : without(choice.drop) };
  }
  const columns = taking === "dropped" ? without(only) : [...without(only), column];
  return { ...choice, hash, drop: without(choice.drop), columns };
}

/** Whether columns that appear at the source later are taken by themselves. */
export function takesNewColumns(choice: Choice): boolean {
  return (choice.columns ?? null) === null;
}

/** The same columns as now, with the other answer to what becomes of new ones. */
export function withNewColumns(stream: SourceStream, choice: Choice, take: boolean): Choice {
  const names = stream.fields.map(({ name }) => name);
  const dropped = names.filter((name) => takingOf(choice, name) === "dropped");
  return take
    ? { ...choice, columns: null, drop: dropped }
    : { ...choice, columns: names.filter((name) => !dropped.includes(name)), drop: [] };
}

/** What is chosen in words: "12 of 14 columns, 1 hashed". */
export function columnsInWords(stream: SourceStream, choice: Choice): string {
  const takings = stream.fields.map(({ name }) => takingOf(choice, name));
  const taken = takings.filter((taking) => taking !== "dropped").length;
  const hashed = takings.filter((taking) => taking === "hashed").length;
  const all = taken === takings.length ? `all ${taken}` : `${taken} of ${takings.length}`;
  return hashed === 0 ? all : `${all}, ${hashed} hashed`;
}

/** Choices for all streams at once; one that is as the source offers it needs no line. */
export function choicesToSend(
  streams: readonly SourceStream[],
  choiceOf: (stream: SourceStream) => Choice,
): Record<string, Choice> {
  return Object.fromEntries(
    streams.filter((stream) => !isPlain(choiceOf(stream))).map((stream) => [stream.name, choiceOf(stream)]),
  );
}

function isPlain({ enabled, mode, columns, drop, hash, cursor_field }: Choice): boolean {
  const nothingLeft = (drop ?? []).length === 0 && (hash ?? []).length === 0 && (columns ?? null) === null;
  return enabled && nothingLeft && (mode ?? null) === null && (cursor_field ?? null) === null;
}
