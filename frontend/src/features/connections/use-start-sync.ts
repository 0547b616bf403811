/** Ask for a sync and get it, to follow it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { syncQuery } from "@/features/connections/sync-query";

export function useStartSync() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (connectionId: string) =>
      unwrap(
        client.POST("/api/v1/aam/connections/{connection_id}/sync", {
          params: { path: { connection_id: connectionId } },
        }),
      ),
    onSuccess: (sync) => queries.setQueryData(syncQuery(sync.id).queryKey, sync),
    onSettled: () =>
      Promise.all([["connections"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
