/** One task with its runs and how far they are, looked at again while it goes on. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import { isOver } from "@/ui/run-status";

export type TaskDetail = Schemas["TaskDetailOut"];

// Live events tell of it earlier; this is for when those do not come.
const LOOK_AGAIN_MS = 4000;

export const taskQuery = (taskId: string) =>
  queryOptions({
    queryKey: ["tasks", taskId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/aoa/tasks/{task_id}", { params: { path: { task_id: taskId } }, signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data.status) ? false : LOOK_AGAIN_MS),
  });
