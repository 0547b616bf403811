/** A list of texts in the address, such as filters: `where=["a:eq:b"]`. */
import type { Field } from "@/ui/use-url-state";

// One list for all: what is the default is left out of the address, and lists are told apart by identity.
const NONE: readonly string[] = [];

export function texts(): Field<readonly string[]> {
  return { fallback: NONE, read: readTexts };
}

export function orNone(list: readonly string[]): readonly string[] {
  return list.length === 0 ? NONE : list;
}

function readTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return undefined;
  return orNone(value.filter((each): each is string => typeof each === "string"));
}
