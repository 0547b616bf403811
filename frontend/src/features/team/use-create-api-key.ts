/** Make a key; the answer alone has it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export function useCreateApiKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ApiKeyIn"]) => unwrap(client.POST("/api/v1/auth/api-keys", { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["api-keys"] }),
    // The key is in the answer: nothing keeps it once the dialog is closed.
    gcTime: 0,
  });
}
