/** One view: what it holds, how fresh it is, and its columns. An event says when something newer is published. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const viewQuery = (view: string) =>
  queryOptions({
    queryKey: ["views", "one", view],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dcl/views/{view}", { params: { path: { view } }, signal })),
  });
