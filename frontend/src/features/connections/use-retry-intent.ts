/** Try once more to connect what somebody wanted connected. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Intent } from "@/features/connections/intents-query";
import { notifyDone, notifyFailure } from "@/ui/notify";

export function useRetryIntent() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (intent: Intent) =>
      unwrap(client.POST("/api/v1/aam/intents/{intent_id}/retry", { params: { path: { intent_id: intent.id } } })),
    onSuccess: (_, intent) => notifyDone(`${intent.name} is connected.`),
    onError: notifyFailure,
    onSettled: () =>
      Promise.all([["connections"], ["intents"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
