/** Rejected records of a connection, each with what is wrong; all pages are of one published snapshot. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type Reject = Schemas["RejectOut"];

export const rejectsQuery = (connectionId: string, stream: string) =>
  infiniteQueryOptions({
    queryKey: ["rejects", connectionId, "records", stream],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/rejects", {
          params: {
            path: { connection_id: connectionId },
            query: { limit: 100, cursor: pageParam, stream: stream === "" ? undefined : stream },
          },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });
