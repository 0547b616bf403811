/** Decide what becomes of changes in a scope. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export function useSetContract() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ContractIn"]) => unwrap(client.PUT("/api/v1/aam/contracts", { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["contracts"] }),
  });
}
