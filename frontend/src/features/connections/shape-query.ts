/** One shape with its fields. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type WholeShape = Schemas["WholeFingerprintOut"];

export const shapeQuery = (shapeId: string) =>
  queryOptions({
    queryKey: ["fingerprints", shapeId],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/fingerprints/{fingerprint_id}", {
          params: { path: { fingerprint_id: shapeId } },
          signal,
        }),
      ),
  });
