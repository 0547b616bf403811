/** How many sources deliver, and what keeps the others from it. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const funnelQuery = () =>
  queryOptions({
    queryKey: ["intents", "funnel"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/aam/funnel", { signal })),
  });
