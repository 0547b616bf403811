/**
 * What the source itself says it holds. Asking takes its time and counts at the source, so no live event asks again: the
 * key begins with no topic.
 */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrapTagged } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Discovered = Schemas["DiscoveredOut"];
export type SourceStream = Schemas["StreamOut"];

export const discoverQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["source", connectionId, "streams"],
    queryFn: async ({ signal }) => {
      const path = { connection_id: connectionId };
      const found = await unwrapTagged(
        client.GET("/api/v1/aam/connections/{connection_id}/discover", { params: { path }, signal }),
      );
      return found.value;
    },
    staleTime: 10 * 60_000,
    refetchOnWindowFocus: false,
    retry: false,
  });
