/** One connection with the tag that a change of it has to name. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrapTagged } from "@/api/client";

export const connectionQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["connections", connectionId],
    queryFn: ({ signal }) =>
      unwrapTagged(
        client.GET("/api/v1/aam/connections/{connection_id}", {
          params: { path: { connection_id: connectionId } },
          signal,
        }),
      ),
  });
