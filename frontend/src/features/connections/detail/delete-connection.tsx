/** Deleting a connection, once its name was typed. */
import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

import type { Connection } from "@/api/types";
import { useDeleteConnection } from "@/features/connections/use-delete-connection";
import { Confirm } from "@/ui/confirm";
import { notifyDone } from "@/ui/notify";

interface DeleteConnectionProps {
  connection: Connection;
  opened: boolean;
  onClose: () => void;
}

export function DeleteConnection({ connection, opened, onClose }: DeleteConnectionProps) {
  const remove = useDeleteConnection();
  const navigate = useNavigate();
  async function confirm() {
    await remove.mutateAsync(connection.id);
    notifyDone(`${connection.name} is deleted.`);
    await navigate({ to: "/connections" });
  }
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Delete ${connection.name}?`}
      action="Delete"
      danger
      typed={connection.name}
      onConfirm={confirm}
    >
      <Text size="sm">
        It is not synced any more, and its credentials are destroyed. Records that it brought stay in the lake and in
        the views.
      </Text>
    </Confirm>
  );
}
