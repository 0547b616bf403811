/** What each decision does, before it is made. */
import { Code, Stack, Text } from "@mantine/core";

import type { WholeApproval } from "@/features/approvals/approval-query";
import type { Wish } from "@/features/approvals/wish";
import { formatCount } from "@/ui/numbers";
import { RuleDiff } from "@/ui/rule-diff";

export const VERBS: Record<Wish["verb"], { title: string; action: string; colour: string | undefined }> = {
  approve: { title: "Approve this repair", action: "Approve", colour: "source.7" },
  reject: { title: "Reject this repair", action: "Reject", colour: "red" },
  choose: { title: "Choose another candidate", action: "Choose", colour: undefined },
  edit: { title: "Put your rules in force", action: "Put in force", colour: undefined },
  undo: { title: "Undo this repair", action: "Undo", colour: undefined },
};

export function DecisionWords({ repair, wish }: { repair: WholeApproval; wish: Wish }) {
  return (
    <Stack gap="sm">
      <Text size="sm">{sentence(repair, wish)}</Text>
      {wish.verb === "approve" && <RuleDiff lines={repair.diff} />}
      {wish.verb === "choose" && <Code block>{wish.candidate.line}</Code>}
      {wish.verb === "edit" && <Code block>{wish.lines.join("\n")}</Code>}
      {repair.needs_two && wish.verb !== "reject" && wish.verb !== "undo" && (
        <Text size="sm" c="dimmed">
          Two persons have to approve the same here. Where you are the first, it waits for the second.
        </Text>
      )}
    </Stack>
  );
}

function sentence({ records_held: held }: WholeApproval, { verb }: Wish): string {
  switch (verb) {
    case "reject":
      return "The mapping stays as it is. What was held flows with the value as it comes.";
    case "undo":
      return "The mapping of before is in force again and is replayed; the change waits for a decision again.";
    case "approve":
    case "choose":
    case "edit":
      return held === null || held === 0
        ? "The mapping changes like this, and what was held is replayed with it."
        : `The mapping changes like this, and ${formatCount(held)} held ${held === 1 ? "record is" : "records are"} replayed with it.`;
  }
}
