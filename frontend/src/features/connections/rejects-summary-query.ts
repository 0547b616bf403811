/** Rejected records of a connection counted by stream and reason. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const rejectsSummaryQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ["rejects", connectionId, "summary"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/connections/{connection_id}/rejects/summary", {
          params: { path: { connection_id: connectionId } },
          signal,
        }),
      ),
  });
