/** How a shape differs from an earlier one, or from the approved one. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type ShapeChange = Schemas["ShapeChangeOut"];

export const shapeDiffQuery = (id: string, against: string | null) =>
  queryOptions({
    queryKey: ["fingerprints", id, "diff", against],
    queryFn: async ({ signal }) => {
      const params = { path: { fingerprint_id: id }, query: { against } };
      const found = await unwrap(client.GET("/api/v1/aam/fingerprints/{fingerprint_id}/diff", { params, signal }));
      return found.changes;
    },
  });
