/** Put a secret's value, new or in place of the old one. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export function usePutSecret() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, value }: { name: string; value: string | Record<string, unknown> }) =>
      unwrap(client.PUT("/api/v1/aam/secrets/{name}", { params: { path: { name } }, body: { value } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["secrets"] }),
    gcTime: 0,
  });
}
