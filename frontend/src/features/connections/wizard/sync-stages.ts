/** How far a first sync is, from the sync itself and from what the views publish. */
import type { Schemas } from "@/api/types";
import type { SyncDetail } from "@/features/connections/sync-query";
import { isOver, isWaiting } from "@/ui/run-status";

export type View = Schemas["ViewOut"];
export type StageState = "done" | "now" | "later" | "failed";

export interface Stage {
  title: string;
  state: StageState;
}

/** Views with records of the connection, as they are published now. */
export function viewsWith(views: readonly View[], connectionId: string): View[] {
  return views.filter(({ sources }) => sources.some((source) => source.connection_id === connectionId));
}

/** Whether something with its records was published since the sync began; that may be before its end is written down. */
export function isPublished(sync: SyncDetail, views: readonly View[]): boolean {
  const began = sync.started_at ?? sync.requested_at;
  const found = viewsWith(views, sync.connection_id);
  return found.some(({ published_at: at }) => at !== null && Date.parse(at) >= Date.parse(began));
}

/** `fitsView`: false once it is known that no stream of it fills a view by itself. */
export function stagesOf(sync: SyncDetail, views: readonly View[] | undefined, fitsView: boolean): Stage[] {
  const waits = isWaiting(sync.status);
  const over = isOver(sync.status);
  const well = sync.status === "succeeded";
  const published = views !== undefined && isPublished(sync, views);
  return [
    { title: "Asked for", state: waits ? "now" : "done" },
    { title: "Read and matched", state: waits ? "later" : !over ? "now" : well ? "done" : "failed" },
    { title: "In the views", state: published ? "done" : well && fitsView && sync.counts.loaded > 0 ? "now" : "later" },
  ];
}
