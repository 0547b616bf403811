/** Take back what was decided for a scope: what is said more widely counts again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useDeleteContract() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      client.DELETE("/api/v1/aam/contracts/{contract_id}", { params: { path: { contract_id: id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["contracts"] }),
  });
}
