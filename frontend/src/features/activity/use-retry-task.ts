/** Do a task that failed or was canceled once more, as a new task. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { notifyDone, notifyFailure } from "@/ui/notify";

export function useRetryTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (taskId: string) =>
      unwrap(client.POST("/api/v1/aoa/tasks/{task_id}/retry", { params: { path: { task_id: taskId } } })),
    onSuccess: () => notifyDone("It is done once more, as a new task."),
    onError: notifyFailure,
    onSettled: () => Promise.all([["tasks"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
