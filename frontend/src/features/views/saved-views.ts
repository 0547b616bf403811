/** Listings that somebody wants to come back to. They are kept in this browser, apart for every organisation and view. */
import { useLocalStorage } from "@mantine/hooks";

import { useMe } from "@/api/queries/me-query";

export interface SavedView {
  name: string;
  q: string;
  where: readonly string[];
  sort: string;
  columns: readonly string[];
}

type Change = (saved: readonly SavedView[]) => SavedView[];

export function useSavedViews(view: string) {
  const { tenant } = useMe();
  const [saved, set] = useLocalStorage<SavedView[]>({
    key: `autonomos-views-${tenant.id}-${view}`,
    defaultValue: [],
    getInitialValueInEffect: false,
    deserialize: read,
  });
  const change = (next: Change) => set((before) => next(before));
  return {
    saved,
    /** One of the same name is replaced. */
    save: (wanted: SavedView) => change((before) => [...before.filter(({ name }) => name !== wanted.name), wanted]),
    forget: (name: string) => change((before) => before.filter((each) => each.name !== name)),
  };
}

function read(text: string | undefined): SavedView[] {
  if (text === undefined) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isSaved) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isSaved(value: unknown): value is SavedView {
  if (typeof value !== "object" || value === null) return false;
  const { name, q, where, sort, columns } = value as Record<string, unknown>;
  const isText = [name, q, sort].every((part) => typeof part === "string");
  return isText && Array.isArray(where) && Array.isArray(columns);
}
