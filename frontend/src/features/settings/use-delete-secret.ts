/** Destroy a secret. The API refuses while a connection uses it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useDeleteSecret() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => client.DELETE("/api/v1/aam/secrets/{name}", { params: { path: { name } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["secrets"] }),
  });
}
