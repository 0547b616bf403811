/** The shapes that the streams of a connection were seen in, newest first. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Shape = Schemas["FingerprintOut"];

export const fingerprintsQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["fingerprints", "of", connectionId],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(
          client.GET("/api/v1/aam/fingerprints", {
            params: { query: { connection_id: connectionId, limit: 500, cursor } },
            signal,
          }),
        ),
      ),
  });
