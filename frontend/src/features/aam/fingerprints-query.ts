/** The shapes that streams were seen in, newest first, page by page. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type Fingerprint = Schemas["FingerprintOut"];

export const fingerprintsQuery = (connectionId: string | null, stream: string | null) =>
  infiniteQueryOptions({
    queryKey: ["fingerprints", "list", connectionId, stream],
    initialPageParam: FIRST_PAGE,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aam/fingerprints", {
          params: { query: { limit: 200, cursor: pageParam, connection_id: connectionId, stream } },
          signal,
        }),
      ),
    getNextPageParam: nextCursor,
  });
