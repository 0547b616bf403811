/** What happened at the source and what would become of the mapping. */
import { Group, Stack, Text } from "@mantine/core";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { changesMapping } from "@/features/approvals/repair-effect";
import { changeInWords, REPAIR_LOOK, SEVERITY_LOOK } from "@/ui/change-words";
import { RuleDiff } from "@/ui/rule-diff";
import { SectionCard } from "@/ui/section-card";
import { StatusBadge } from "@/ui/status-badge";

export function ChangeCard({ repair }: { repair: WholeApproval }) {
  const { status, severity } = repair;
  const waits = status === "open" || status === "refused";
  return (
    <SectionCard
      title="What changed"
      actions={
        <Group gap="xs">
          {severity !== null && (
            <StatusBadge size="sm" tone={SEVERITY_LOOK[severity].tone}>
              {SEVERITY_LOOK[severity].word}
            </StatusBadge>
          )}
          <StatusBadge size="sm" tone={REPAIR_LOOK[status].tone} hint={REPAIR_LOOK[status].means}>
            {REPAIR_LOOK[status].word}
          </StatusBadge>
        </Group>
      }
    >
      <Stack gap="sm">
        <Text>{changeInWords(repair.kind, repair.fields_before, repair.fields_after)}</Text>
        {repair.reasons.length > 0 && status !== "applied" && (
          <Text size="sm" c="dimmed">
            Not applied alone: {repair.reasons.join("; ")}.
          </Text>
        )}
        {changesMapping(repair) || !waits ? (
          <>
            <Text size="xs" fw={650} c="dimmed" mb={-6}>
              The mapping, as proposed upon version {repair.base_version}
            </Text>
            <RuleDiff lines={repair.diff} />
          </>
        ) : (
          <Text size="sm">Nothing is proposed: no rule changes unless you choose a candidate or write one.</Text>
        )}
      </Stack>
    </SectionCard>
  );
}
