/** Gives up a connection that was begun: it and its credentials go. */
import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";

import { useDeleteConnection } from "@/features/connections/use-delete-connection";
import { Confirm } from "@/ui/confirm";

export function DiscardButton({ connectionId }: { connectionId: string }) {
  const [isAsking, asking] = useDisclosure(false);
  const remove = useDeleteConnection();
  const navigate = useNavigate();
  return (
    <>
      <Button variant="default" onClick={asking.open}>
        Discard
      </Button>
      <Confirm
        opened={isAsking}
        onClose={asking.close}
        title="Discard this connection?"
        action="Discard"
        danger
        onConfirm={async () => {
          await remove.mutateAsync(connectionId);
          await navigate({ to: "/connections" });
        }}
      >
        <Text size="sm">The connection goes, and its credentials are destroyed. Files that you sent stay.</Text>
      </Confirm>
    </>
  );
}
