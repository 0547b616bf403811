/** How a shape differs from an earlier one of its stream. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type ShapeChange = Schemas["ShapeChangeOut"];

export const shapeDiffQuery = (shapeId: string, against: string) =>
  queryOptions({
    queryKey: ["fingerprints", shapeId, "diff", against],
    queryFn: async ({ signal }) => {
      const params = { path: { fingerprint_id: shapeId }, query: { against } };
      const found = await unwrap(client.GET("/api/v1/aam/fingerprints/{fingerprint_id}/diff", { params, signal }));
      return found.changes;
    },
  });
