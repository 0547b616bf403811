/** Fields of a stream that rules may read, as far as its mapping tells: what is mapped, and what is not. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const streamFieldsQuery = (connectionId: string, stream: string) =>
  queryOptions({
    queryKey: ["mappings", connectionId, stream, "fields"],
    queryFn: async ({ signal }) => {
      const path = { connection_id: connectionId, stream };
      const mapping = await unwrap(
        client.GET("/api/v1/aam/mappings/{connection_id}/{stream}", { params: { path }, signal }),
      );
      return [...new Set([...mapping.rules.map(({ source }) => source), ...mapping.unmapped])].sort();
    },
  });
