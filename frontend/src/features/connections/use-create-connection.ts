/** Connect a source. The same source asked for again is the same connection. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export function useCreateConnection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ConnectionIn"]) => unwrap(client.POST("/api/v1/aam/connections", { body })),
    onSettled: () =>
      Promise.all([["connections"], ["intents"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
    gcTime: 0,
  });
}
