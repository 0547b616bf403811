/** What can be said of a repair as it stands, each by a key as well. */
import { Button, Group } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useMay, useMe } from "@/api/queries/me-query";
import { repairSettingsQuery } from "@/api/queries/repair-settings-query";
import type { WholeApproval } from "@/features/approvals/approval-query";
import { approveWord, changesMapping, hasApproved, likeliest } from "@/features/approvals/repair-effect";
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
  // Where no rule changes, approving and rejecting come to the same.
  const changes = changesMapping(repair);
  const askAt = useQuery(repairSettingsQuery()).data?.value.ask_at;
  const found = likeliest(repair);
  const best = found !== undefined && askAt !== undefined && found.probability >= askAt ? found : undefined;
  const me = useMe().user?.email;
  const canApprove = waits && !hasApproved(repair, me);
  const approve = () => onDecide({ verb: "approve" });
  const reject = () => onDecide({ verb: "reject" });
  const undo = () => onDecide({ verb: "undo" });
  useHotkey("a", approveWord(repair), approve, { disabled: !canApprove });
  useHotkey("r", "Reject", reject, { disabled: !waits || !changes });
  useHotkey("e", isEditing ? "Stop editing" : "Edit the rules", onEdit, { disabled: !waits });
  useHotkey("u", "Undo", undo, { disabled: !canUndo || repair.applied_version === null });

  if (canUndo && repair.applied_version !== null)
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
      {changes && (
        <Button variant="default" leftSection={<IconX size={16} />} rightSection={<Key of="r" />} onClick={reject}>
          Reject
        </Button>
      )}
      {canApprove && (
        <Button
          // Green is for what policy would at least ask for.
          {...(changes ? { color: "source.7" } : { variant: "default" })}
          leftSection={changes && <IconCheck size={16} />}
          rightSection={<Key of="a" />}
          onClick={approve}
        >
          {approveWord(repair)}
        </Button>
      )}
      {best !== undefined && (
        <Button
          color="source.7"
          maw={280}
          leftSection={<IconCheck size={16} />}
          rightSection={<Key of="1" />}
          onClick={() => onDecide({ verb: "choose", candidate: best })}
        >
          Use {best.source}
        </Button>
      )}
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
