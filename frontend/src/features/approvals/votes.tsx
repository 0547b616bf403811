/** Who approved so far, where two persons have to approve the same. */
import { Group, Stack, Text } from "@mantine/core";
import { IconUserCheck, IconUserQuestion } from "@tabler/icons-react";

import { useMe } from "@/api/queries/me-query";
import type { WholeApproval } from "@/features/approvals/approval-query";
import { hasApproved } from "@/features/approvals/repair-effect";
import { When } from "@/ui/when";

export function Votes({ repair }: { repair: WholeApproval }) {
  const me = useMe().user?.email;
  const waits = repair.status === "open" || repair.status === "refused";
  return (
    <Stack gap={6} component="section" aria-label="Votes">
      <Text size="sm" fw={650}>
        {repair.needs_two ? "Two persons have to approve the same" : "Votes"}
      </Text>
      {repair.votes.map((vote) => (
        <Group key={`${vote.by} ${vote.at}`} gap={6} wrap="nowrap">
          <IconUserCheck size={16} aria-hidden />
          <Text size="sm">
            {vote.by} {verdictWords(vote.verdict)}
          </Text>
          <When at={vote.at} size="xs" />
        </Group>
      ))}
      {waits && repair.needs_two && (
        <Group gap={6} wrap="nowrap" c="dimmed">
          <IconUserQuestion size={16} aria-hidden />
          <Text size="sm">
            {repair.votes.length === 0
              ? "Nobody has approved yet"
              : hasApproved(repair, me)
                ? "You have approved; another person is needed"
                : "Another person is needed"}
          </Text>
        </Group>
      )}
    </Stack>
  );
}

/** The verb of a vote, as the API keeps it, with what it was about. */
function verdictWords(verdict: string): string {
  const [verb = ""] = verdict.split(" ");
  const words = {
    approve: "approved",
    choose: "chose another candidate",
    edit: "wrote other rules",
    write: "wrote it",
  };
  return new Map(Object.entries(words)).get(verb) ?? verdict;
}
