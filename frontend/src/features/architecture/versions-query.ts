/** What runs here: the application, its packages, its tables. For operators. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const versionsQuery = () =>
  queryOptions({
    queryKey: ["platform", "versions"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/debug/versions", { signal })),
  });
