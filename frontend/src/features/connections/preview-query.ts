/** The first 20 records of a stream as the source gives them now; nothing is stored. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Preview = Schemas["api__schemas__streams__PreviewOut"];

export const previewQuery = (connectionId: string, stream: string) =>
  queryOptions({
    queryKey: ["source", connectionId, "preview", stream],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/streams/{stream}/preview", {
          params: { path: { connection_id: connectionId, stream } },
          signal,
        }),
      ),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    retry: false,
  });
