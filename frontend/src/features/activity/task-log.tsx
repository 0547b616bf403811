/** Sentences told of a task and of its syncs. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { taskLogQuery } from "@/features/activity/task-log-query";
import { Failure } from "@/ui/failure";
import { LogLines } from "@/ui/log-lines";
import { CardSkeleton } from "@/ui/skeletons";

export function TaskLog({ taskId }: { taskId: string }) {
  const { data, error, refetch } = useQuery(taskLogQuery(taskId));
  if (data === undefined)
    return error === null ? <CardSkeleton lines={4} /> : <Failure error={error} onRetry={() => void refetch()} />;
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing was told of it yet.
      </Text>
    );
  return (
    <LogLines
      label="What was told of the task"
      lines={data.map((line) => ({ ...line, key: `${line.source}:${line.seq}` }))}
    />
  );
}
