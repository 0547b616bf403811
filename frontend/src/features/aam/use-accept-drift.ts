/** Take a new shape as it is. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { notifyDone } from "@/ui/notify";

export function useAcceptDrift(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (note: string | null) =>
      unwrap(
        client.POST("/api/v1/aam/drift/{drift_id}/accept", { params: { path: { drift_id: id } }, body: { note } }),
      ),
    onSuccess: ({ told }) => notifyDone(told),
    // Also when it was refused: then somebody else resolved it, which is to be seen.
    onSettled: () =>
      Promise.all(
        [["drift"], ["approvals"], ["repair-metrics"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
  });
}
