/** The syncs of the last hours or days, as far back as it is worth reading: their counts make the records over time. */
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

async function syncsSince(since: number, signal: AbortSignal): Promise<RecentSyncs> {
  const syncs: Sync[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const found = await unwrap(client.GET("/api/v1/aam/syncs", { params: { query: { limit: 500, cursor } }, signal }));
    syncs.push(...found.items);
    const oldest = found.items.at(-1);
    cursor = found.next_cursor ?? undefined;
    if (cursor === undefined || oldest === undefined || Date.parse(oldest.requested_at) < since)
      return { syncs, complete: true };
  }
  return { syncs, complete: false };
}
