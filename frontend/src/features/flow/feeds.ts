/** Which sources are in which views, as the last publication tells: what stands out when one of them is looked at. */
import type { Schemas } from "@/api/types";
import { connectionPlace, viewPlace } from "@/features/flow/places";

/** Places that belong together, by place. */
export type Feeds = ReadonlyMap<string, ReadonlySet<string>>;

export function fedBy(views: readonly Schemas["ViewOut"][], drawnAs: (place: string) => string): Feeds {
  const feeds = new Map<string, Set<string>>();
  const join = (from: string, to: string) => feeds.set(from, (feeds.get(from) ?? new Set()).add(to));
  for (const { name, sources } of views)
    for (const { connection_id: id } of sources) {
      const [source, view] = [drawnAs(connectionPlace(id)), drawnAs(viewPlace(name))];
      join(source, view);
      join(view, source);
    }
  return feeds;
}

/** Whether a source or a view has nothing to do with the one that is looked at. Stages belong to all of them. */
export function isApart(place: string, looked: string | null, feeds: Feeds): boolean {
  const isEnd = (each: string) => each.startsWith("connection:") || each.startsWith("view:");
  if (looked === null || !isEnd(looked) || !isEnd(place) || place === looked) return false;
  return !(feeds.get(looked)?.has(place) ?? false);
}
