/** Names of a connection's streams, to choose from. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const streamNamesQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["connections", connectionId, "stream-names"],
    queryFn: async ({ signal }) => {
      const path = { connection_id: connectionId };
      const found = await unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/streams", { params: { path }, signal }),
      );
      return found.streams.map((stream) => stream.name);
    },
  });
