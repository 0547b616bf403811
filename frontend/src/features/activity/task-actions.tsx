/** Cancel a task that goes on; do one that ended badly once more. */
import { Button } from "@mantine/core";

import { useMay } from "@/api/queries/me-query";
import type { Task } from "@/features/activity/tasks-query";
import { useCancelTask } from "@/features/activity/use-cancel-task";
import { useRetryTask } from "@/features/activity/use-retry-task";
import { isOver } from "@/ui/run-status";

export function TaskActions({ task }: { task: Task }) {
  const may = useMay();
  const cancel = useCancelTask();
  const retry = useRetryTask();
  if (!may("tasks.write")) return null;
  const mayRetry = task.kind !== "rebuild" || may("tenant.reset");
  if (!isOver(task.status))
    return task.status === "canceling" ? null : (
      <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(task.id)}>
        Cancel
      </Button>
    );
  if (task.status === "succeeded" || !mayRetry) return null;
  return (
    <Button size="compact-xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate(task.id)}>
      Once more
    </Button>
  );
}
