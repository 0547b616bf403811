/** The devices one is logged in with to this organisation, newest first. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Login = Schemas["LoginOut"];

export const loginsQuery = () =>
  queryOptions({
    queryKey: ["logins"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/auth/logins", { signal })),
  });
