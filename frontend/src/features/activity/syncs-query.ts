/** Syncs over all connections, newest first. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type Sync = Schemas["SyncOut"];

/** Empty texts do not filter; of a span, the end is not included. */
export interface SyncFilter {
  status: Sync["status"] | null;
  kind: Sync["kind"] | null;
  since: string;
  until: string;
}

export const syncsQuery = ({ status, kind, since, until }: SyncFilter) =>
  infiniteQueryOptions({
    queryKey: ["syncs", "all", status, kind, since, until],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aam/syncs", {
          params: {
            query: {
              limit: 50,
              cursor: pageParam,
              status: status ?? undefined,
              kind: kind ?? undefined,
              since: since || undefined,
              until: until || undefined,
            },
          },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });
