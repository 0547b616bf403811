/** All views: what they hold, how fresh they are, and their columns; canonical ones first. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type View = Schemas["ViewOut"];
export type ViewColumn = Schemas["ColumnOut"];

export const viewsQuery = () =>
  queryOptions({
    queryKey: ["views"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/dcl/views", { signal }))).items,
  });
