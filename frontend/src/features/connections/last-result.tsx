/** What came of the newest sync of a connection. */
import { Group, Text } from "@mantine/core";

import type { Connection } from "@/api/types";
import { RecordCounts } from "@/ui/record-counts";
import { isOver, RunStatus } from "@/ui/run-status";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function LastResult({ connection }: { connection: Connection }) {
  const sync = connection.last_sync;
  if (sync === null) return <Unknown why="It was never synced" />;
  const at = sync.finished_at ?? sync.started_at ?? sync.requested_at;
  const isUnderWay = !isOver(sync.status);
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap={8} wrap="nowrap">
        {sync.status !== "succeeded" && <RunStatus status={sync.status} hint={sync.error?.message} />}
        {!isUnderWay && (
          <Text span size="sm">
            <When at={at} size="sm" />
          </Text>
        )}
        {sync.is_sample && !isUnderWay && (
          <Text span size="xs" c="dimmed">
            sample
          </Text>
        )}
        {sync.kind === "replay" && (
          <Text span size="xs" c="dimmed">
            replay
          </Text>
        )}
      </Group>
      {(sync.status === "succeeded" || sync.status === "running") && <RecordCounts counts={sync.counts} />}
      {sync.status === "failed" && sync.error != null && (
        <Text size="xs" c="dimmed" truncate>
          {sync.error.message}
        </Text>
      )}
    </div>
  );
}
