/** The mapping of a stream that is in force, with the fields that nothing is mapped from. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrapTagged } from "@/api/client";
import type { Schemas } from "@/api/types";

export type CurrentMapping = Schemas["CurrentMappingOut"];

export const mappingQuery = (connectionId: string, stream: string) =>
  queryOptions({
    queryKey: ["mappings", "current", connectionId, stream],
    queryFn: ({ signal }) =>
      unwrapTagged(
        client.GET("/api/v1/aam/mappings/{connection_id}/{stream}", {
          params: { path: { connection_id: connectionId, stream } },
          signal,
        }),
      ),
  });
