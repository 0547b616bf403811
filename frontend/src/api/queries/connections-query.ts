/** Every connection of the organisation with its state, by name. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";

export const connectionsQuery = () =>
  queryOptions({
    queryKey: ["connections"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(client.GET("/api/v1/aam/connections", { params: { query: { limit: 500, cursor } }, signal })),
      ),
  });
