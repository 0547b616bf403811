/** Another first sync, where the one before did not get there. */
import { Button, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";

import { useMay } from "@/api/queries/me-query";
import { useStartSync } from "@/features/connections/use-start-sync";
import { Failure } from "@/ui/failure";

interface SyncAgainProps {
  connectionId: string;
  onAgain: (syncId: string) => void;
}

export function SyncAgain({ connectionId, onAgain }: SyncAgainProps) {
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
