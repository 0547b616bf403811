/** The first sync, followed until its records are in a view. What comes later has its place from the beginning. */
import { Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { mappingsQuery } from "@/features/connections/mappings-query";
import { publishedViewsQuery } from "@/features/connections/published-views-query";
import { syncQuery, type SyncDetail } from "@/features/connections/sync-query";
import { SyncFailure, SyncNotes } from "@/features/connections/sync-notes";
import { SyncStreams } from "@/features/connections/sync-streams";
import { FirstMappings } from "@/features/connections/wizard/first-mappings";
import { InTheViews } from "@/features/connections/wizard/in-the-views";
import { StageList } from "@/features/connections/wizard/stage-list";
import { SyncAgain } from "@/features/connections/wizard/sync-again";
import { StepFooter } from "@/features/connections/wizard/step-footer";
import { useTakenStreams } from "@/features/connections/wizard/stream-select";
import { isPublished, stagesOf } from "@/features/connections/wizard/sync-stages";
import { Failure } from "@/ui/failure";
import { PageLink } from "@/ui/page-link";
import { isOver } from "@/ui/run-status";
import { CardSkeleton } from "@/ui/skeletons";

interface StepSyncProps {
  connectionId: string;
  syncId: string;
  onAgain: (syncId: string) => void;
}

export function StepSync({ connectionId, syncId, onAgain }: StepSyncProps) {
  const { data: sync, error, refetch } = useQuery(syncQuery(syncId));
  const { names } = useTakenStreams(connectionId, "");
  const mayViews = useMay()("views.read");
  const views = useQuery({ ...publishedViewsQuery(), enabled: mayViews && sync?.status === "succeeded" });
  const mayMappings = useMay()("drift.read");
  const mappings = useQuery({ ...mappingsQuery(connectionId), enabled: mayMappings && sync?.status === "succeeded" });
  if (sync === undefined)
    return error === null ? <CardSkeleton lines={12} /> : <Failure error={error} onRetry={() => void refetch()} />;
  const fitsView = mappings.data?.some(({ entity }) => entity !== null) !== false;
  const published = views.data !== undefined && isPublished(sync, views.data);
  const stopped = sync.status === "failed" || sync.status === "canceled";
  const hasBegun = isOver(sync.status) || Object.keys(sync.streams).length > 0;
  return (
    <Stack gap="md">
      <Title order={2} size="h4">
        {titleOf(sync, published, fitsView)}
      </Title>
      <StageList stages={stagesOf(sync, views.data, fitsView)} />
      {sync.error != null && <SyncFailure error={sync.error} />}
      {!stopped && <InTheViews sync={sync} views={views.data} published={published} fitsView={fitsView} />}
      <SyncStreams sync={hasBegun ? sync : undefined} likely={names.length || undefined} />
      {!stopped && <FirstMappings connectionId={connectionId} isMatched={sync.status === "succeeded"} />}
      <SyncNotes syncId={syncId} />
      <StepFooter
        left={
          <PageLink to={`/connections/${connectionId}`} size="sm">
            Open the connection
          </PageLink>
        }
      >
        {stopped && <SyncAgain connectionId={connectionId} onAgain={onAgain} />}
      </StepFooter>
    </Stack>
  );
}

function titleOf({ status, counts }: SyncDetail, published: boolean, fitsView: boolean): string {
  if (published) return "Its rows are in the view";
  if (status === "succeeded" && !fitsView) return "Read; say what it is";
  if (status === "succeeded")
    return counts.loaded === 0 ? "Read; nothing was loaded yet" : "Read; the views are built now";
  if (status === "failed") return "The first sync failed";
  return status === "canceled" ? "The first sync was canceled" : "The first sync is on its way";
}
