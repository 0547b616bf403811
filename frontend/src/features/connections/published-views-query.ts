/** What the views publish now, to tell when the records of a sync are in them. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const publishedViewsQuery = () =>
  queryOptions({
    queryKey: ["views", "published"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/dcl/views", { signal }))).items,
    refetchInterval: 5000,
  });
