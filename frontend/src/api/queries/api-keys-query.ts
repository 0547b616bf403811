/** Keys for programs that were not revoked, newest first. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type ApiKey = Schemas["ApiKeyOut"];

export const apiKeysQuery = () =>
  queryOptions({
    queryKey: ["api-keys"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(client.GET("/api/v1/auth/api-keys", { params: { query: { limit: 500, cursor } }, signal })),
      ),
  });
