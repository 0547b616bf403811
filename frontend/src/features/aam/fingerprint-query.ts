/** One shape with its fields. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const fingerprintQuery = (id: string) =>
  queryOptions({
    queryKey: ["fingerprints", id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/aam/fingerprints/{fingerprint_id}", { params: { path: { fingerprint_id: id } }, signal }),
      ),
  });
