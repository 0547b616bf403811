/** What was asked for: filtered, followed, canceled, done once more. */
import { Group, Select, Stack } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";

import { itemsOf } from "@/api/queries/infinite";
import { taskColumns } from "@/features/activity/task-columns";
import { TaskDrawer } from "@/features/activity/task-drawer";
import { TASK_KINDS, TASK_STATUSES, taskName } from "@/features/activity/task-words";
import { tasksQuery } from "@/features/activity/tasks-query";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { LoadMore } from "@/ui/load-more";
import { oneOf, text, useUrlState } from "@/ui/use-url-state";

const FIELDS = { state: oneOf(TASK_STATUSES, null), kind: oneOf(TASK_KINDS, null), task: text() };

export function TasksPanel() {
  const [{ state, kind, task }, set] = useUrlState(FIELDS);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    tasksQuery(state, kind),
  );
  const rows = itemsOf(data);
  const isFiltered = state !== null || kind !== null;
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Select
          aria-label="State"
          placeholder="Every state"
          clearable
          data={TASK_STATUSES.map((value) => ({ value, label: value === "requested" ? "asked for" : value }))}
          value={state}
          onChange={(next) => set({ state: TASK_STATUSES.find((each) => each === next) ?? null })}
          w={{ base: "100%", xs: 180 }}
        />
        <Select
          aria-label="Kind"
          placeholder="Every kind"
          clearable
          data={TASK_KINDS.map((value) => ({ value, label: taskName(value) }))}
          value={kind}
          onChange={(next) => set({ kind: TASK_KINDS.find((each) => each === next) ?? null })}
          w={{ base: "100%", xs: 230 }}
        />
      </Group>
      <DataTable
        label="Tasks"
        columns={taskColumns}
        rows={rows}
        rowKey={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ id }) => set({ task: id }, true)}
        minWidth={740}
        phoneWidth={320}
        rowHeight={52}
        likely={10}
        empty={
          <Empty
            title={isFiltered ? "No task fits" : "Nothing was asked for yet"}
            icon={<IconListCheck size={24} stroke={1.6} />}
          >
            {isFiltered
              ? undefined
              : "A sync by hand, new views or a replay is a task: it can be followed and stopped here."}
          </Empty>
        }
      />
      {rows !== undefined && rows.length > 0 && (
        <LoadMore
          hasMore={hasNextPage}
          isLoading={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
          end="These are all."
        />
      )}
      <TaskDrawer taskId={task} onClose={() => set({ task: "" })} onOther={(id) => set({ task: id }, true)} />
    </Stack>
  );
}
