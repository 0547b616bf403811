/** The ways in which the gap could be filled, the likeliest first, and the choice of another one. */
import { Button, Code, List, Stack, Text } from "@mantine/core";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { ProbabilityScale } from "@/features/approvals/probability-scale";
import type { Candidate } from "@/features/approvals/wish";
import { SectionCard } from "@/ui/section-card";
import classes from "./candidates-card.module.css";

interface CandidatesCardProps {
  repair: WholeApproval;
  /** null: nothing can be chosen now. */
  onChoose: ((candidate: Candidate) => void) | null;
}

export function CandidatesCard({ repair, onChoose }: CandidatesCardProps) {
  const candidates = [...repair.candidates].sort((a, b) => b.probability - a.probability);
  if (candidates.length === 0) return null;
  return (
    <SectionCard
      title="Candidates"
      hint="The thin mark is from where policy asks, the strong one from where it applies"
    >
      <ul className={classes.list}>
        {candidates.map((candidate) => (
          <li key={candidate.number} className={classes.candidate}>
            <Stack gap={4} className={classes.said}>
              <Code className={classes.line}>{candidate.line}</Code>
              {candidate.evidence.length > 0 && (
                <List size="xs" c="dimmed">
                  {candidate.evidence.map((reason) => (
                    <List.Item key={reason}>{reason}</List.Item>
                  ))}
                </List>
              )}
            </Stack>
            <div className={classes.scale}>
              <ProbabilityScale value={candidate.probability} quiet />
            </div>
            {onChoose !== null && (
              <Button
                size="xs"
                variant="default"
                onClick={() => onChoose(candidate)}
                aria-label={`Choose ${candidate.line}`}
              >
                Choose
              </Button>
            )}
          </li>
        ))}
      </ul>
      {onChoose !== null && (
        <Text size="xs" c="dimmed" mt="xs">
          Choosing puts that one in force instead of what is proposed above.
        </Text>
      )}
    </SectionCard>
  );
}
