/** What can be said of a repair as it stands, each by a key as well. */
import { Button, Group } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useMay } from "@/api/queries/me-query";
import type { WholeApproval } from "@/features/approvals/approval-query";
import type { Wish } from "@/features/approvals/wish";
import { KeyHint } from "@/ui/key-hint";
import { useHotkey } from "@/ui/use-hotkey";

interface ApprovalActionsProps {
  repair: WholeApproval;
  isEditing: boolean;
  onDecide: (wish: Wish) => void;
  onEdit: () => void;
}

export function ApprovalActions({ repair, isEditing, onDecide, onEdit }: ApprovalActionsProps) {
  const mayDecide = useMay()("approvals.decide");
  const waits = mayDecide && (repair.status === "open" || repair.status === "refused");
  const canUndo = mayDecide && (repair.status === "applied" || repair.status === "approved");
  const approve = () => onDecide({ verb: "approve" });
  const reject = () => onDecide({ verb: "reject" });
  const undo = () => onDecide({ verb: "undo" });
  useHotkey("a", "Approve", approve, { disabled: !waits });
  useHotkey("r", "Reject", reject, { disabled: !waits });
  useHotkey("e", isEditing ? "Stop editing" : "Edit the rules", onEdit, { disabled: !waits });
  useHotkey("u", "Undo", undo, { disabled: !canUndo });

  if (canUndo)
    return (
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} />}
        rightSection={<Key of="u" />}
        onClick={undo}
      >
        Undo
      </Button>
    );
  if (!waits) return null;
  return (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<IconPencil size={16} />}
        rightSection={<Key of="e" />}
        onClick={onEdit}
        aria-pressed={isEditing}
      >
        {isEditing ? "Stop editing" : "Edit"}
      </Button>
      <Button variant="default" leftSection={<IconX size={16} />} rightSection={<Key of="r" />} onClick={reject}>
        Reject
      </Button>
      <Button color="source.7" leftSection={<IconCheck size={16} />} rightSection={<Key of="a" />} onClick={approve}>
        Approve
      </Button>
    </Group>
  );
}

/** Where there is room for it; the key's name is no part of the button's. */
function Key({ of }: { of: string }): ReactNode {
  return (
    <Group visibleFrom="sm" component="span" aria-hidden>
      <KeyHint keys={of} />
    </Group>
  );
}
