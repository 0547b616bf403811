/** Features that are rolled out step by step, and which of them this organisation has. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Flag = Schemas["FlagStateOut"];

export const flagsQuery = () =>
  queryOptions({
    queryKey: ["flags"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/admin/flags", { signal })),
  });
