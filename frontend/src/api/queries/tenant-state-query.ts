/** What runs and waits now, what readers see, and since when it is behind. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const tenantStateQuery = () =>
  queryOptions({
    queryKey: ["state"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/aoa/state", { signal })),
  });
