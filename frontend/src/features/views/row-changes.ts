/** What changed in a row from one publication to the next, with what it was before. */
import type { Change } from "@/api/queries/row-queries";

export interface ValueChange {
  column: string;
  /** undefined: as far back as it is kept nothing is known before. */
  before: unknown;
  after: unknown;
}

/** `changes` are the newest first; `at` is the one that is told. */
export function valueChanges(changes: readonly Change[], at: number): ValueChange[] {
  const isOldest = at === changes.length - 1;
  return Object.entries(changes[at]?.changed ?? {})
    .map(([column, after]) => ({ column, after, before: isOldest ? undefined : valueBefore(changes, at, column) }))
    .filter(({ column, after }) => !isOldest || (after !== null && !column.startsWith("_")));
}

function valueBefore(changes: readonly Change[], at: number, column: string): unknown {
  const told = changes.slice(at + 1).find(({ changed }) => column in changed);
  return told === undefined ? null : told.changed[column];
}
