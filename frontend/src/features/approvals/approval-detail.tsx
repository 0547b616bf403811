/** The repair itself: its parts in the order in which one decides. */
import { Card, Grid, Stack, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { useMay } from "@/api/queries/me-query";
import { ApprovalActions } from "@/features/approvals/approval-actions";
import type { WholeApproval } from "@/features/approvals/approval-query";
import { CandidatesCard } from "@/features/approvals/candidates-card";
import { ChangeCard } from "@/features/approvals/change-card";
import { DecisionDialog } from "@/features/approvals/decision-dialog";
import { DETAIL_FIELDS } from "@/features/approvals/detail-fields";
import { EvidenceCard } from "@/features/approvals/evidence-card";
import { FactsCard } from "@/features/approvals/facts-card";
import { RulesEditor } from "@/features/approvals/editor/rules-editor";
import { changesMapping } from "@/features/approvals/repair-effect";
import type { Wish } from "@/features/approvals/wish";
import { changeTitle, kindName } from "@/ui/change-words";
import { Page } from "@/ui/page";
import { SampleRows } from "@/ui/sample-rows";
import { SectionCard } from "@/ui/section-card";
import { useUrlState } from "@/ui/use-url-state";

interface ApprovalDetailProps {
  repair: WholeApproval;
  tag: string | null;
  above: ReactNode;
}

export function ApprovalDetail({ repair, tag, above }: ApprovalDetailProps) {
  const [{ edit }, set] = useUrlState(DETAIL_FIELDS);
  const mayDecide = useMay()("approvals.decide");
  // What is decided is what was on the screen when the dialog opened, not what came in behind it.
  const [asked, ask] = useState<{ wish: Wish; tag: string | null } | null>(null);
  const waits = repair.status === "open" || repair.status === "refused";
  const isEditing = edit && waits && mayDecide;
  const decide = (wish: Wish) => ask({ wish, tag });
  const changes = changesMapping(repair);
  const candidates = (
    <CandidatesCard
      repair={repair}
      onChoose={waits && mayDecide ? (candidate) => decide({ verb: "choose", candidate }) : null}
    />
  );
  const title = changeTitle(repair.fields_before, repair.fields_after) || kindName(repair.kind);

  return (
    <Page
      title={title}
      subtitle={`${kindName(repair.kind)} in ${repair.connection ?? "a deleted connection"} · ${repair.stream}`}
      actions={
        <ApprovalActions
          repair={repair}
          isEditing={isEditing}
          onDecide={decide}
          onEdit={() => set({ edit: !isEditing })}
        />
      }
    >
      {above}
      <Grid gutter="md">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack gap="md">
            <ChangeCard repair={repair} />
            {isEditing && (
              <RulesEditor
                repair={repair}
                onDecide={(lines) => decide({ verb: "edit", lines })}
                onClose={() => set({ edit: false })}
              />
            )}
            {/* Where nothing is proposed, the candidates are the question. */}
            {!changes && candidates}
            {!isEditing && (
              <SectionCard title="Sample records" hint="What the repair does to records that are there">
                <SampleRows samples={repair.samples} />
              </SectionCard>
            )}
            {changes && candidates}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack gap="md">
            {!mayDecide && waits && (
              <Card withBorder padding="md">
                <Text size="sm" c="dimmed">
                  Your role may look at repairs. An approver, admin or owner decides.
                </Text>
              </Card>
            )}
            <FactsCard repair={repair} />
            <EvidenceCard repair={repair} />
          </Stack>
        </Grid.Col>
      </Grid>
      <DecisionDialog repair={repair} asked={asked} onClose={() => ask(null)} />
    </Page>
  );
}
