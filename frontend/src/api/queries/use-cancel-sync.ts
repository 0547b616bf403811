/** Take back a sync that still waits. One that runs is stopped by canceling the task that asked for it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export function useCancelSync() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (syncId: string) =>
      unwrap(client.POST("/api/v1/aam/syncs/{sync_id}/cancel", { params: { path: { sync_id: syncId } } })),
    onSettled: () =>
      Promise.all([["syncs"], ["connections"], ["tasks"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
