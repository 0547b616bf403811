/** Everybody in the organisation, by address. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Member = Schemas["MemberOut"];

export const membersQuery = () =>
  queryOptions({
    queryKey: ["members"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(client.GET("/api/v1/auth/members", { params: { query: { limit: 500, cursor } }, signal })),
      ),
  });
