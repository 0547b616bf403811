/** What was written down while a sync ran. */
import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { syncNotesQuery } from "@/features/connections/sync-notes-query";
import { Failure } from "@/ui/failure";
import { LogLines } from "@/ui/log-lines";
import { CardSkeleton } from "@/ui/skeletons";

export function SyncNotes({ syncId }: { syncId: string }) {
  const { data, error, refetch } = useQuery(syncNotesQuery(syncId));
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <CardSkeleton lines={4} />;
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing is written down so far.
      </Text>
    );
  return <LogLines label="Notes of this sync" lines={data.map((note) => ({ ...note, key: `${note.seq}` }))} />;
}

/** Why a sync failed, and what helps. */
export function SyncFailure({
  error,
}: {
  error: { code: string; message: string; hint?: string | null; retryable?: boolean | null };
}) {
  return (
    <Alert color="red" variant="light" title={error.message} role="alert">
      {error.hint != null && <Text size="sm">{error.hint}</Text>}
      <Text size="xs" c="dimmed" mt={4}>
        {error.code}
        {error.retryable === true && ". Trying again may help without anybody acting."}
        {error.retryable === false && ". Trying again does not help until somebody acts."}
      </Text>
    </Alert>
  );
}
