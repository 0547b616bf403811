/** What records may be: the entities of the canonical model and the organisation's own, with their fields. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Entity = Schemas["EntityOut"];

export const entitiesQuery = () =>
  queryOptions({
    queryKey: ["entities", "all"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/dcl/entities", { signal }))).items,
  });
