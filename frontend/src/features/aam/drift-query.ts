/** One drift event with its evidence and sample records. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type WholeDrift = Schemas["WholeDriftOut"];

export const driftQuery = (id: string) =>
  queryOptions({
    queryKey: ["drift", id],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/aam/drift/{drift_id}", { params: { path: { drift_id: id } }, signal })),
  });
