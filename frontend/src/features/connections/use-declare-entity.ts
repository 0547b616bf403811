/** Declare an entity from a stream: it gets a view of its own, filled with what was read. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import { notifyDone } from "@/ui/notify";

export function useDeclareEntity() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["DeclareEntityIn"]) => unwrap(client.POST("/api/v1/dcl/entities", { body })),
    onSuccess: ({ view }) => notifyDone(`The view ${view} is made: what was read comes into it in a moment.`),
    onSettled: () =>
      Promise.all(
        [["mappings"], ["entities"], ["syncs"], ["views"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}
