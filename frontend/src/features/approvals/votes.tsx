/** Who approved so far, where two persons have to approve the same. */
import { Group, Stack, Text } from "@mantine/core";
import { IconUserCheck, IconUserQuestion } from "@tabler/icons-react";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { When } from "@/ui/when";

export function Votes({ repair }: { repair: WholeApproval }) {
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
            {vote.by}: {vote.verdict}
          </Text>
          <When at={vote.at} size="xs" />
        </Group>
      ))}
      {waits && repair.needs_two && (
        <Group gap={6} wrap="nowrap" c="dimmed">
          <IconUserQuestion size={16} aria-hidden />
          <Text size="sm">{repair.votes.length === 0 ? "Nobody has approved yet" : "Another person is needed"}</Text>
        </Group>
      )}
    </Stack>
  );
}
