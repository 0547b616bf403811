/** Give a task up: what it has committed stays whole. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { notifyDone, notifyFailure } from "@/ui/notify";

export function useCancelTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (taskId: string) =>
      unwrap(client.POST("/api/v1/aoa/tasks/{task_id}/cancel", { params: { path: { task_id: taskId } } })),
    onSuccess: ({ status }) =>
      notifyDone(status === "canceled" ? "The task is canceled." : "The task is being stopped."),
    onError: notifyFailure,
    onSettled: () => Promise.all([["tasks"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
