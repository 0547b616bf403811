/** The mappings of a connection that are in force, by stream. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Mapping = Schemas["MappingOut"];

export const mappingsQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["mappings", "of", connectionId],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(
          client.GET("/api/v1/aam/mappings", {
            params: { query: { connection_id: connectionId, limit: 500, cursor } },
            signal,
          }),
        ),
      ),
  });
