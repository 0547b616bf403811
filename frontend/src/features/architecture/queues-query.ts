/** What waits or runs on the whole platform, by kind and state. For operators. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const queuesQuery = () =>
  queryOptions({
    queryKey: ["platform", "queues"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/debug/queues", { signal })),
    refetchInterval: 10_000,
  });
