/** What every kind of event means, in the API's words. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const eventKindsQuery = () =>
  queryOptions({
    queryKey: ["events", "kinds"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/events/kinds", { signal })),
    staleTime: Infinity,
  });
