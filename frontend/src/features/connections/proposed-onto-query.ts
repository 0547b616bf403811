/** How a stream that was read would be mapped onto an entity that somebody names; the source is not asked. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const proposedOntoQuery = (connectionId: string, stream: string, entity: string) =>
  queryOptions({
    queryKey: ["mappings", "proposed", connectionId, stream, entity],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/mappings/{connection_id}/{stream}/proposed", {
          params: { path: { connection_id: connectionId, stream }, query: { entity } },
          signal,
        }),
      ),
  });
