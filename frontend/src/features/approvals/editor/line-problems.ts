/** Which line a refusal of the API is about: as far as it names a line or something that one line alone holds. */
import { describeProblem, ProblemError } from "@/api/problem";

export interface LineProblems {
  /** By the line's place. */
  at: ReadonlyMap<number, string>;
  /** What belongs to no line. */
  whole: string | null;
}

const NONE: LineProblems = { at: new Map(), whole: null };

export function lineProblems(error: unknown, lines: readonly string[]): LineProblems {
  if (error === null || error === undefined) return NONE;
  const listed = error instanceof ProblemError ? (error.body.errors ?? []) : [];
  const at = new Map<number, string>();
  for (const { at: place, message } of listed) {
    const line = /rules\.(\d+)/.exec(place)?.[1];
    if (line !== undefined) at.set(Number(line), message);
  }
  if (at.size > 0) return { at, whole: null };
  const { title, detail } = describeProblem(error);
  const told = detail || title;
  const line = lineNamedIn(told, lines);
  return line === null ? { at, whole: told } : { at: new Map([[line, told]]), whole: null };
}

/** The one line that holds what the message quotes. */
function lineNamedIn(message: string, lines: readonly string[]): number | null {
  if (lines.length === 1) return 0;
  const quotedNames = [...message.matchAll(/'([^']+)'|"([^"]+)"|“([^”]+)”/g)].map(
    (found) => found[1] ?? found[2] ?? found[3],
  );
  for (const name of quotedNames.reverse()) {
    const holding = lines.flatMap((line, at) => (name !== undefined && line.includes(name) ? [at] : []));
    if (holding.length === 1) return holding[0] ?? null;
  }
  return null;
}
