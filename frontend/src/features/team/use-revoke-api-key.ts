/** End a key for good. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useRevokeApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => client.DELETE("/api/v1/auth/api-keys/{key_id}", { params: { path: { key_id: id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["api-keys"] }),
  });
}
