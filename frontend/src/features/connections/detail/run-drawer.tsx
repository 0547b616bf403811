/** One run: its streams and notes, live while it goes on. */
import { Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { useCancelSync } from "@/api/queries/use-cancel-sync";
import { syncQuery, type SyncDetail } from "@/features/connections/sync-query";
import { SyncFailure, SyncNotes } from "@/features/connections/sync-notes";
import { SyncStreams } from "@/features/connections/sync-streams";
import { CopyButton } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { Failure } from "@/ui/failure";
import { formatSeconds } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { isOver, isWaiting, RunStatus } from "@/ui/run-status";
import { CardSkeleton } from "@/ui/skeletons";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function RunDrawer({ syncId, onClose }: { syncId: string; onClose: () => void }) {
  return (
    <Drawer opened={syncId !== ""} onClose={onClose} position="right" size="xl" title="Run">
      {syncId !== "" && <Run syncId={syncId} />}
    </Drawer>
  );
}

function Run({ syncId }: { syncId: string }) {
  const { data: sync, error, refetch } = useQuery(syncQuery(syncId));
  if (sync === undefined)
    return error === null ? <CardSkeleton lines={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <RunStatus status={sync.status} />
          <Text size="sm">
            {sync.kind === "replay" ? "Replay of what was read" : sync.is_sample ? "Sync, a sample" : "Sync"}
          </Text>
        </Group>
        <Stop sync={sync} />
      </Group>
      {sync.error != null && <SyncFailure error={sync.error} />}
      <Facts facts={facts(sync)} />
      <SyncStreams sync={sync} />
      <section aria-label="Notes">
        <Title order={3} size="h5" mb="xs">
          Notes
        </Title>
        <SyncNotes syncId={syncId} />
      </section>
    </Stack>
  );
}

function facts(sync: SyncDetail) {
  return [
    { name: "Asked", value: <When at={sync.requested_at} /> },
    { name: "By", value: sync.requested_by },
    {
      name: "Began",
      value: sync.started_at == null ? <Unknown why="It has not begun" /> : <When at={sync.started_at} />,
    },
    {
      name: "Took",
      value: sync.duration_s == null ? <Unknown why="It has not ended" /> : formatSeconds(sync.duration_s),
    },
    {
      name: "Id",
      value: (
        <Group gap={4} wrap="nowrap">
          <Text span size="xs" ff="monospace">
            {sync.id.slice(0, 8)}…
          </Text>
          <CopyButton value={sync.id} what="id" />
        </Group>
      ),
    },
  ];
}

function Stop({ sync }: { sync: SyncDetail }) {
  const mayStop = useMay()("tasks.write");
  const cancel = useCancelSync();
  if (!mayStop || isOver(sync.status)) return null;
  if (!isWaiting(sync.status))
    return (
      <Text size="xs" c="dimmed">
        A run that has begun is stopped by its task, in{" "}
        <PageLink to="/activity" search={{ tab: "tasks" }} inherit>
          Activity
        </PageLink>
        .
      </Text>
    );
  return (
    <Stack gap={4} align="flex-end">
      <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(sync.id)}>
        Cancel
      </Button>
      {cancel.error !== null && <Failure error={cancel.error} />}
    </Stack>
  );
}
