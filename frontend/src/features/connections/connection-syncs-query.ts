/** The syncs of a connection, newest first. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type Sync = Schemas["SyncOut"];

export const connectionSyncsQuery = (connectionId: string) =>
  infiniteQueryOptions({
    queryKey: ["syncs", "of", connectionId],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/syncs", {
          params: { path: { connection_id: connectionId }, query: { limit: 50, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });
