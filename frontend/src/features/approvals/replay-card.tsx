/** What a decision began: the replay as it runs, until readers of the views see what it made. */
import { Card, CloseButton, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { describeProblem } from "@/api/problem";
import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import type { Schemas } from "@/api/types";
import { hasEnded, syncQuery } from "@/features/approvals/sync-query";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { StatusBadge } from "@/ui/status-badge";
import type { Tone } from "@/ui/tones";

type Sync = Schemas["SyncDetailOut"];
type State = Schemas["TenantStateOut"];

interface Standing {
  tone: Tone;
  word: string;
  says: string;
}

export function ReplayCard({ syncId, onClose }: { syncId: string; onClose: () => void }) {
  const { data: sync, error } = useQuery(syncQuery(syncId));
  const succeeded = sync?.status === "succeeded";
  const { data: state } = useQuery({
    ...tenantStateQuery(),
    enabled: succeeded,
    refetchInterval: ({ state: { data } }) => (sync !== undefined && isPublished(sync, data) ? false : 3000),
  });
  const { tone, word, says } = error !== null ? failed(error) : standingOf(sync, state);
  const counts = sync?.counts;
  const waiting = useQuery(openApprovalsQuery()).data ?? [];
  const stillHeld = waiting.some(
    ({ connection_id: id, records_held: held }) => id === sync?.connection_id && held !== null && held > 0,
  );
  return (
    <Card withBorder padding="sm" component="section" aria-label="Replay">
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
        <Stack gap={4} miw={0} aria-live="polite">
          <Group gap="xs">
            <Text size="sm" fw={650}>
              {sync?.kind === "sync" ? "Sync" : "Replay"} after your decision
            </Text>
            <StatusBadge size="sm" tone={tone}>
              {word}
            </StatusBadge>
          </Group>
          <Text size="sm" c="dimmed">
            {says}
            {counts !== undefined && hasEnded(sync) && ` ${countsInWords(counts)}`}
            {hasEnded(sync) && stillHeld && " Records that another decision is about stay held until then."}
          </Text>
        </Stack>
        <Group gap="xs" wrap="nowrap">
          {sync !== undefined && (
            <PageLink to={`/connections/${sync.connection_id}`} search={{ tab: "runs" }} size="sm">
              See the run
            </PageLink>
          )}
          <CloseButton size="sm" onClick={onClose} aria-label="Follow it no longer" />
        </Group>
      </Group>
    </Card>
  );
}

function standingOf(sync: Sync | undefined, state: State | undefined): Standing {
  switch (sync?.status) {
    case undefined:
    case "requested":
    case "queued":
      return { tone: "busy", word: "waits", says: "It begins as soon as a worker is free." };
    case "running":
      return { tone: "busy", word: "running", says: "What was held is mapped anew; the source is not asked." };
    case "failed":
      return { tone: "bad", word: "failed", says: sync.error?.message ?? "No reason was given." };
    case "canceled":
      return { tone: "off", word: "canceled", says: "It was given up, or another run took its work over." };
    case "succeeded":
      if (isPublished(sync, state)) return { tone: "good", word: "published", says: "Readers of the views see it." };
      return { tone: "busy", word: "publishing", says: "The records are there; the views are being built anew." };
  }
}

/** A rebuild clears the staleness when it begins, and runs until readers see what it made. */
function isPublished(sync: Sync, state: State | undefined): boolean {
  if (state === undefined || sync.finished_at == null || Date.parse(state.at) < Date.parse(sync.finished_at))
    return false;
  // Between the two there is a moment in which neither is told: what changed is seen once a later publication is there.
  const publishedAt = state.publication?.published_at;
  if (hasChanged(sync) && (publishedAt === undefined || Date.parse(publishedAt) < Date.parse(sync.finished_at)))
    return false;
  return (
    state.stale_since === null && !state.running.some(({ kind }) => kind === "refresh_views" || kind === "rebuild")
  );
}

function hasChanged({ counts: { loaded, deleted, replayed, rederived } }: Sync): boolean {
  return loaded + deleted + replayed + rederived > 0;
}

function countsInWords({ replayed, rederived, rejected }: Schemas["CountsOut"]): string {
  const parts = [
    replayed > 0 && `${formatCount(replayed)} came out of quarantine`,
    rederived > 0 && `${formatCount(rederived)} were derived anew`,
    rejected > 0 && `${formatCount(rejected)} are rejected`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "No record changed." : `${parts.join(", ")}.`;
}

function failed(error: unknown): Standing {
  return { tone: "unknown", word: "unknown", says: describeProblem(error).title };
}
