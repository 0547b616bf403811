/** The syncs that ended in the last hours or days, as many as are worth reading: their counts make the records over time. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import { startOf, type Span } from "@/features/dashboard/loads";

export type Sync = Schemas["SyncOut"];

export interface RecentSyncs {
  syncs: Sync[];
  /** False: there were more than are read, and the oldest of the span are left out. */
  complete: boolean;
}

const MOST_PAGES = 4;

export const recentSyncsQuery = (span: Span) =>
  queryOptions({
    // Progress of a running sync changes nothing here, so this is no "syncs": `use-refresh-after.ts` asks anew.
    queryKey: ["records-over-time", span],
    queryFn: ({ signal }) => syncsSince(startOf(span, Date.now()), signal),
  });

async function syncsSince(start: number, signal: AbortSignal): Promise<RecentSyncs> {
  const syncs: Sync[] = [];
  const since = new Date(start).toISOString();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { kind: "sync", since, limit: 500, cursor } as const;
    const found = await unwrap(client.GET("/api/v1/aam/syncs", { params: { query }, signal }));
    syncs.push(...found.items);
    cursor = found.next_cursor ?? undefined;
    if (cursor === undefined) return { syncs, complete: true };
  }
  return { syncs, complete: false };
}
