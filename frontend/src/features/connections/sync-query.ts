/** One sync with its streams, looked at again while it goes on. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import { isOver } from "@/ui/run-status";

export type SyncDetail = Schemas["SyncDetailOut"];

// Live events tell of it earlier; this is for when those do not come.
const LOOK_AGAIN_MS = 4000;

export const syncQuery = (syncId: string) =>
  queryOptions({
    queryKey: ["syncs", syncId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/aam/syncs/{sync_id}", { params: { path: { sync_id: syncId } }, signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data.status) ? false : LOOK_AGAIN_MS),
  });
