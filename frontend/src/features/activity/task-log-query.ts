/** What was told of a task and of its syncs, oldest first. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";

export const taskLogQuery = (taskId: string) =>
  queryOptions({
    queryKey: ["tasks", taskId, "log"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(
          client.GET("/api/v1/aoa/tasks/{task_id}/logs", {
            params: { path: { task_id: taskId }, query: { limit: 500, cursor } },
            signal,
          }),
        ),
      ),
  });
