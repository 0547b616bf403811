/** Every dependency, asked now: its version, how long it took. For operators. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const platformHealthQuery = () =>
  queryOptions({
    queryKey: ["platform", "health"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/debug/health", { signal })),
    refetchInterval: 15_000,
  });
