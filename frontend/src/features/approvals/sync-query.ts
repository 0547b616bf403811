/** One sync or replay as far as it has come. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

type Sync = Schemas["SyncDetailOut"];

const ENDED: readonly Sync["status"][] = ["succeeded", "failed", "canceled"];
const EVERY_MS = 3000;

export const syncQuery = (id: string) =>
  queryOptions({
    queryKey: ["syncs", id],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/aam/syncs/{sync_id}", { params: { path: { sync_id: id } }, signal })),
    // Events tell of it sooner; this is for the moments in which they do not come.
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : EVERY_MS),
  });

export function hasEnded(sync: Sync | undefined): boolean {
  return sync !== undefined && ENDED.includes(sync.status);
}
