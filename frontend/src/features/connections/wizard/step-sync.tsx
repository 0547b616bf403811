/** The first sync, followed until its records are in a view. */
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { publishedViewsQuery } from "@/features/connections/published-views-query";
import { syncQuery, type SyncDetail } from "@/features/connections/sync-query";
import { SyncFailure, SyncNotes } from "@/features/connections/sync-notes";
import { SyncStreams } from "@/features/connections/sync-streams";
import { useStartSync } from "@/features/connections/use-start-sync";
import { FirstMappings } from "@/features/connections/wizard/first-mappings";
import { InTheViews } from "@/features/connections/wizard/in-the-views";
import { StageList } from "@/features/connections/wizard/stage-list";
import { isPublished, stagesOf } from "@/features/connections/wizard/sync-stages";
import { Failure } from "@/ui/failure";
import { PageLink } from "@/ui/page-link";
import { CardSkeleton } from "@/ui/skeletons";

interface StepSyncProps {
  connectionId: string;
  syncId: string;
  onAgain: (syncId: string) => void;
}

export function StepSync({ connectionId, syncId, onAgain }: StepSyncProps) {
  const { data: sync, error, refetch } = useQuery(syncQuery(syncId));
  const mayViews = useMay()("views.read");
  const views = useQuery({ ...publishedViewsQuery(), enabled: mayViews && sync?.status === "succeeded" });
  if (sync === undefined)
    return error === null ? <CardSkeleton lines={6} /> : <Failure error={error} onRetry={() => void refetch()} />;
  const published = views.data !== undefined && isPublished(sync, views.data);
  return (
    <Stack gap="md">
      <Title order={2} size="h4">
        {titleOf(sync, published)}
      </Title>
      <StageList stages={stagesOf(sync, views.data)} />
      {sync.error != null && <SyncFailure error={sync.error} />}
      {sync.status === "succeeded" && <InTheViews sync={sync} views={views.data} published={published} />}
      <SyncStreams sync={sync} />
      {sync.status === "succeeded" && <FirstMappings connectionId={connectionId} />}
      <SyncNotes syncId={syncId} />
      <Group justify="space-between" gap="sm">
        <PageLink to={`/connections/${connectionId}`} size="sm">
          To the connection
        </PageLink>
        {(sync.status === "failed" || sync.status === "canceled") && (
          <Again connectionId={connectionId} onAgain={onAgain} />
        )}
      </Group>
    </Stack>
  );
}

function titleOf({ status, counts }: SyncDetail, published: boolean): string {
  if (published) return "Its rows are in the view";
  if (status === "succeeded")
    return counts.loaded === 0 ? "Read; nothing was loaded yet" : "Read; the views are built now";
  if (status === "failed") return "The first sync failed";
  return status === "canceled" ? "The first sync was canceled" : "The first sync is on its way";
}

function Again({ connectionId, onAgain }: { connectionId: string; onAgain: (syncId: string) => void }) {
  const start = useStartSync();
  const maySync = useMay()("tasks.write");
  if (!maySync) return <Text size="sm">Your role cannot start a sync.</Text>;
  return (
    <Stack gap="xs" align="flex-end">
      {start.error !== null && <Failure error={start.error} />}
      <Button
        leftSection={<IconRefresh size={16} />}
        loading={start.isPending}
        onClick={() => start.mutate(connectionId, { onSuccess: (sync) => onAgain(sync.id) })}
      >
        Sync again
      </Button>
    </Stack>
  );
}
