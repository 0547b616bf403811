/** Every version of a stream's mapping, newest first, with what it changed. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type MappingVersion = Schemas["MappingVersionOut"];

export const mappingVersionsQuery = (connectionId: string, stream: string) =>
  queryOptions({
    queryKey: ["mappings", "versions", connectionId, stream],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(
          client.GET("/api/v1/aam/mappings/{connection_id}/{stream}/versions", {
            params: { path: { connection_id: connectionId, stream }, query: { limit: 100, cursor } },
            signal,
          }),
        ),
      ),
  });
