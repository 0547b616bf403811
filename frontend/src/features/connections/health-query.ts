/** How a connection is doing: circuit, freshness, why its last syncs failed. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Health = Schemas["api__schemas__connections__HealthOut"];

export const healthQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["connections", connectionId, "health"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/health", {
          params: { path: { connection_id: connectionId } },
          signal,
        }),
      ),
  });
