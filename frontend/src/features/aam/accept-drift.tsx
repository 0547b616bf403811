/** Take the new shape as it is, after saying what that means. */
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";

import { useMay } from "@/api/queries/me-query";
import type { WholeDrift } from "@/features/aam/drift-query";
import { useAcceptDrift } from "@/features/aam/use-accept-drift";
import { Confirm } from "@/ui/confirm";

export function AcceptDrift({ event }: { event: WholeDrift }) {
  const [isAsking, asking] = useDisclosure(false);
  const [note, setNote] = useState("");
  const accept = useAcceptDrift(event.id);
  if (!useMay()("approvals.decide"))
    return (
      <Text size="sm" c="dimmed">
        Your role may look at drift. An approver, admin or owner decides.
      </Text>
    );
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" flex={1} miw={220}>
        Where no repair is wanted, the shape can be taken as it is.
      </Text>
      <Button variant="default" onClick={asking.open}>
        Accept the new shape
      </Button>
      <Confirm
        opened={isAsking}
        onClose={asking.close}
        title="Accept the new shape"
        action="Accept"
        onConfirm={() => accept.mutateAsync(note.trim() || null)}
      >
        <Text size="sm" mb="sm">
          The mapping stays as it is, its held records flow again, and nobody is asked any more. A repair that waits for
          it is superseded.
        </Text>
        <TextInput
          label="Note"
          description="For whoever reads the history; it may stay empty."
          value={note}
          onChange={(change) => setNote(change.currentTarget.value)}
          maxLength={1000}
        />
      </Confirm>
    </Group>
  );
}
