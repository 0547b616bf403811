/** What each decision does, before it is made. */
import { Code, Stack, Text } from "@mantine/core";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { approveWord, changesMapping } from "@/features/approvals/repair-effect";
import type { Wish } from "@/features/approvals/wish";
import { formatCount } from "@/ui/numbers";
import { RuleDiff } from "@/ui/rule-diff";

interface Verb {
  title: string;
  action: string;
  colour: string | undefined;
}

const VERBS: Record<Wish["verb"], Verb> = {
  approve: { title: "Approve this repair", action: "Approve", colour: "source.7" },
  reject: { title: "Reject this repair", action: "Reject", colour: "red" },
  choose: { title: "Choose another candidate", action: "Choose", colour: undefined },
  edit: { title: "Put your rules in force", action: "Put in force", colour: undefined },
  undo: { title: "Undo this repair", action: "Undo", colour: undefined },
};

export function verbOf(repair: WholeApproval, wish: Wish): Verb {
  if (!leavesMapping(repair, wish)) {
    const isOther = wish.verb !== "choose" || changesMapping(repair);
    return isOther ? VERBS[wish.verb] : { ...VERBS.choose, title: "Choose this candidate" };
  }
  const word = approveWord({ diff: [], kind: repair.kind });
  return { title: word, action: word, colour: undefined };
}

export function DecisionWords({ repair, wish }: { repair: WholeApproval; wish: Wish }) {
  const leaves = leavesMapping(repair, wish);
  return (
    <Stack gap="sm">
      <Text size="sm">{sentence(repair, wish)}</Text>
      {wish.verb === "approve" && !leaves && repair.diff.length > 0 && <RuleDiff lines={repair.diff} />}
      {wish.verb === "choose" && !leaves && <Code block>{wish.candidate.line}</Code>}
      {wish.verb === "edit" && <Code block>{wish.lines.join("\n")}</Code>}
      {repair.needs_two && wish.verb !== "reject" && wish.verb !== "undo" && (
        <Text size="sm" c="dimmed">
          Two persons have to approve the same here. Where you are the first, it waits for the second.
        </Text>
      )}
    </Stack>
  );
}

/** Whether all rules stay, so that only what was held flows. */
function leavesMapping(repair: WholeApproval, wish: Wish): boolean {
  if (wish.verb === "choose") return wish.candidate.source === null;
  return wish.verb === "approve" && !changesMapping(repair);
}

function sentence(repair: WholeApproval, wish: Wish): string {
  const held = heldWords(repair.records_held);
  if (leavesMapping(repair, wish)) {
    const flows = `${held ?? "What was held"} ${repair.records_held === 1 ? "flows" : "flow"} again.`;
    if (repair.kind === "removed")
      return `Nothing takes the place of ${quoted(repair.fields_before)}: ${repair.fields.join(", ") || "what it filled"} is empty from now on, and its last good values are not kept. ${flows}`;
    return `The mapping stays as it is, and values are taken as they come. ${flows}`;
  }
  switch (wish.verb) {
    case "reject":
      return "The mapping stays as it is. What was held flows with the value as it comes.";
    case "undo":
      return "The mapping of before is in force again and is replayed; the change waits for a decision again.";
    case "approve":
    case "choose":
    case "edit":
      if (repair.kind === "stream_renamed" && wish.verb === "approve")
        return "The stream that came in its place takes over its mapping, and the records of the old one go.";
      return `The mapping changes like this, and ${held === null ? "what was held is" : `${held} ${repair.records_held === 1 ? "is" : "are"}`} replayed with it.`;
  }
}

function heldWords(held: number | null): string | null {
  return held === null || held === 0 ? null : `${formatCount(held)} held ${held === 1 ? "record" : "records"}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `“${name}”`).join(" and ");
}
