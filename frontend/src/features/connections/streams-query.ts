/** Streams of a connection that were synced or chosen, as they looked last. The source is not asked. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type StreamState = Schemas["StreamStateOut"];

export const streamsQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["connections", connectionId, "streams"],
    queryFn: async ({ signal }) => {
      const path = { connection_id: connectionId };
      const found = await unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/streams", { params: { path }, signal }),
      );
      return found.streams;
    },
  });
