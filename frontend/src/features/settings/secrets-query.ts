/** Names of the organisation's secrets; their values are never answered. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";

export const secretsQuery = () =>
  queryOptions({
    queryKey: ["secrets"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(client.GET("/api/v1/aam/secrets", { params: { query: { limit: 500, cursor } }, signal })),
      ),
  });
