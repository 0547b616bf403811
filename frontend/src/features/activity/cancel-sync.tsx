/** Takes back a sync that waits. */
import { Button } from "@mantine/core";

import { useCancelSync } from "@/api/queries/use-cancel-sync";
import { notifyFailure } from "@/ui/notify";

export function CancelSync({ syncId }: { syncId: string }) {
  const cancel = useCancelSync();
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={cancel.isPending}
      onClick={() => cancel.mutate(syncId, { onError: notifyFailure })}
    >
      Cancel
    </Button>
  );
}
