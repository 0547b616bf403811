/** Views behind their data and connections behind their schedule, on the whole platform. For operators. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const lagQuery = () =>
  queryOptions({
    queryKey: ["platform", "lag"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/debug/lag", { signal })),
    refetchInterval: 10_000,
  });
