/** Forget a source that did not connect and that nobody wants any more. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useDropIntent() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (intentId: string) =>
      client.DELETE("/api/v1/aam/intents/{intent_id}", { params: { path: { intent_id: intentId } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["intents"] }),
  });
}
