/** One task: how far it is, the runs that do it, and what was told of it. */
import { Alert, Anchor, Drawer, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ConnectionLink } from "@/features/activity/connection-link";
import { TaskActions } from "@/features/activity/task-actions";
import { TaskLog } from "@/features/activity/task-log";
import { taskQuery, type TaskDetail } from "@/features/activity/task-query";
import { taskName } from "@/features/activity/task-words";
import { Facts } from "@/ui/facts";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { RecordCounts } from "@/ui/record-counts";
import { RunStatus } from "@/ui/run-status";
import { CardSkeleton } from "@/ui/skeletons";
import { When } from "@/ui/when";

interface TaskDrawerProps {
  taskId: string;
  onClose: () => void;
  onOther: (taskId: string) => void;
}

export function TaskDrawer({ taskId, onClose, onOther }: TaskDrawerProps) {
  return (
    <Drawer opened={taskId !== ""} onClose={onClose} position="right" size="lg" title="Task">
      {taskId !== "" && <Shown key={taskId} taskId={taskId} onOther={onOther} />}
    </Drawer>
  );
}

function Shown({ taskId, onOther }: { taskId: string; onOther: (taskId: string) => void }) {
  const { data: task, error, refetch } = useQuery(taskQuery(taskId));
  if (task === undefined)
    return error === null ? <CardSkeleton lines={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <RunStatus status={task.status} />
          <Text fw={650}>{taskName(task.kind)}</Text>
        </Group>
        <TaskActions task={task} />
      </Group>
      {task.error != null && (
        <Alert color="red" variant="light" title={task.error.message ?? task.error.code} role="alert">
          <Text size="sm">{task.error.hint}</Text>
        </Alert>
      )}
      <Far task={task} />
      <Facts facts={facts(task, onOther)} />
      <Runs task={task} />
      <section aria-label="What was told of it">
        <Title order={3} size="h5" mb="xs">
          What was told of it
        </Title>
        <TaskLog taskId={task.id} />
      </section>
    </Stack>
  );
}

function Far({ task: { progress } }: { task: TaskDetail }) {
  const { runs, runs_done: done } = progress;
  return (
    <div>
      <Text size="sm" mb={4}>
        {formatCount(done)} of {formatCount(runs)} {runs === 1 ? "run" : "runs"} done
        {progress.streams > 0 &&
          `, ${formatCount(progress.streams)} ${progress.streams === 1 ? "stream" : "streams"} begun`}
      </Text>
      {runs > 0 && <Progress value={(done / runs) * 100} size="sm" aria-label="Runs that are done" mb={6} />}
      <RecordCounts counts={progress} />
    </div>
  );
}

function facts(task: TaskDetail, onOther: (taskId: string) => void) {
  const other = (name: string, id: string | null | undefined) =>
    id == null
      ? []
      : [
          {
            name,
            value: (
              <Anchor component="button" size="sm" onClick={() => onOther(id)}>
                Show it
              </Anchor>
            ),
          },
        ];
  return [
    { name: "Asked", value: <When at={task.requested_at} /> },
    { name: "By", value: task.requested_by },
    ...(task.connection_id == null
      ? []
      : [{ name: "Connection", value: <ConnectionLink connectionId={task.connection_id} /> }]),
    ...other("Follows the task", task.parent_task_id),
    ...other("Does once more", task.retry_of),
    ...other("Followed by", task.follow_up_id),
  ];
}

function Runs({ task }: { task: TaskDetail }) {
  if (task.runs.length === 0) return null;
  return (
    <section aria-label="Runs">
      <Title order={3} size="h5" mb="xs">
        Runs
      </Title>
      <Stack gap={6}>
        {task.runs.map((run) => (
          <Group key={run.id} gap="sm">
            <RunStatus status={run.status} />
            <Text size="sm">
              {run.kind === "refresh_views" ? "new views" : run.kind}
              {run.connection_id != null && (
                <>
                  {" of "}
                  <ConnectionLink connectionId={run.connection_id} run={run.id} />
                </>
              )}
            </Text>
            {run.joined && (
              <Text size="xs" c="dimmed">
                asked for already: canceling this task does not stop it
              </Text>
            )}
          </Group>
        ))}
      </Stack>
    </section>
  );
}
