/** What the first mapping of a stream would be, by the records its source gives now; nothing is stored. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type ProposedMapping = Schemas["ProposedMappingOut"];

export const proposedMappingQuery = (connectionId: string, stream: string) =>
  queryOptions({
    queryKey: ["source", connectionId, "proposed-mapping", stream],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/mappings/preview", {
          params: { path: { connection_id: connectionId }, query: { stream } },
          signal,
        }),
      ),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    retry: false,
  });
