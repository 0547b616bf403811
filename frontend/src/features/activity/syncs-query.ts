/** Syncs over all connections, newest first. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type Sync = Schemas["SyncOut"];

export const syncsQuery = (status: Sync["status"] | null) =>
  infiniteQueryOptions({
    queryKey: ["syncs", "all", status],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aam/syncs", {
          params: { query: { limit: 50, cursor: pageParam, status: status ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });
