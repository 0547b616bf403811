/** Columns of the syncs over all connections. */
import { Text } from "@mantine/core";

import { CancelSync } from "@/features/activity/cancel-sync";
import { ConnectionLink } from "@/features/activity/connection-link";
import type { Sync } from "@/features/activity/syncs-query";
import type { Column } from "@/ui/data-table";
import { formatSeconds } from "@/ui/numbers";
import { RecordCounts } from "@/ui/record-counts";
import { isWaiting, RunStatus } from "@/ui/run-status";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function syncColumns(mayCancel: boolean): Column<Sync>[] {
  return mayCancel ? [...COLUMNS, CANCEL] : COLUMNS;
}

const CANCEL: Column<Sync> = {
  key: "cancel",
  header: "",
  width: "96px",
  align: "right",
  cell: (sync) => (isWaiting(sync.status) ? <CancelSync syncId={sync.id} /> : null),
};

const COLUMNS: Column<Sync>[] = [
  { key: "status", header: "State", width: "126px", cell: ({ status }) => <RunStatus status={status} /> },
  {
    key: "connection",
    header: "Connection",
    cell: ({ id, connection_id, kind, is_sample, requested_at }) => (
      <>
        <ConnectionLink connectionId={connection_id} run={id} />
        <Text size="xs" c="dimmed" truncate>
          {kind}
          {is_sample && ", sample"}
          <Text span inherit hiddenFrom="sm">
            {", "}
            <When at={requested_at} size="xs" />
          </Text>
        </Text>
      </>
    ),
  },
  {
    key: "result",
    header: "Result",
    width: "35%",
    from: "sm",
    cell: ({ error, status, counts }) =>
      error != null ? (
        <Text size="sm" lineClamp={2} title={error.hint ?? undefined}>
          {error.message}
        </Text>
      ) : isWaiting(status) ? (
        <Unknown why="It has not begun" />
      ) : (
        <RecordCounts counts={counts} />
      ),
  },
  {
    key: "by",
    header: "Asked by",
    width: "200px",
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
  {
    key: "took",
    header: "Took",
    width: "86px",
    align: "right",
    cell: ({ duration_s: took }) => (took == null ? <Unknown why="It has not ended" /> : formatSeconds(took)),
  },
];
