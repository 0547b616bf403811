/** Columns of the list of tasks. */
import { Text } from "@mantine/core";

import { ConnectionLink } from "@/features/activity/connection-link";
import { TaskActions } from "@/features/activity/task-actions";
import { taskName } from "@/features/activity/task-words";
import type { Task } from "@/features/activity/tasks-query";
import type { Column } from "@/ui/data-table";
import { formatSeconds } from "@/ui/numbers";
import { RunStatus } from "@/ui/run-status";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export const taskColumns: Column<Task>[] = [
  {
    key: "status",
    header: "State",
    width: "126px",
    cell: ({ status, error }) => <RunStatus status={status} hint={error?.hint} />,
  },
  {
    key: "what",
    header: "What",
    cell: ({ kind, connection_id, chain }) => (
      <>
        <Text size="sm" fw={600}>
          {taskName(kind)}
          {connection_id != null && (
            <>
              {" of "}
              <ConnectionLink connectionId={connection_id} />
            </>
          )}
        </Text>
        {chain.length > 0 && (
          <Text size="xs" c="dimmed" truncate>
            then {chain.map((step) => taskName(step.kind).toLowerCase()).join(", ")}
          </Text>
        )}
      </>
    ),
  },
  {
    key: "why",
    header: "Told",
    from: "sm",
    cell: ({ error }) =>
      error == null ? null : (
        <Text size="sm" lineClamp={2}>
          {error.message ?? error.code}
        </Text>
      ),
  },
  {
    key: "by",
    header: "Asked by",
    width: "180px",
    from: "lg",
    cell: ({ requested_by }) => (
      <Text size="sm" truncate title={requested_by}>
        {requested_by}
      </Text>
    ),
  },
  {
    key: "at",
    header: "Asked",
    width: "130px",
    from: "sm",
    cell: ({ requested_at }) => <When at={requested_at} size="sm" />,
  },
  { key: "took", header: "Took", width: "96px", align: "right", from: "sm", cell: (task) => <Took task={task} /> },
  { key: "do", header: "", width: "110px", align: "right", cell: (task) => <TaskActions task={task} /> },
];

function Took({ task: { started_at: began, finished_at: ended } }: { task: Task }) {
  if (began == null || ended == null) return <Unknown why={began == null ? "It never began" : "It has not ended"} />;
  return <>{formatSeconds((Date.parse(ended) - Date.parse(began)) / 1000)}</>;
}
