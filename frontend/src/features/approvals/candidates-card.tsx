/** The ways in which the gap could be filled, the likeliest first, and the choice of another one. */
import { Text } from "@mantine/core";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { CandidateRow } from "@/features/approvals/candidate-row";
import { changesMapping, isProposed, rankedCandidates } from "@/features/approvals/repair-effect";
import type { Candidate } from "@/features/approvals/wish";
import { SectionCard } from "@/ui/section-card";
import classes from "./candidates-card.module.css";

interface CandidatesCardProps {
  repair: WholeApproval;
  /** null: nothing can be chosen now. */
  onChoose: ((candidate: Candidate) => void) | null;
}

export function CandidatesCard({ repair, onChoose }: CandidatesCardProps) {
  const candidates = rankedCandidates(repair);
  if (candidates.length === 0) return null;
  const hasOthers = candidates.some((candidate) => !isProposed(repair, candidate));
  const isWeighed = candidates.some(({ source }) => source !== null);
  return (
    <SectionCard
      title="Candidates"
      hint={isWeighed && "The thin mark is from where policy asks, the strong one from where it applies"}
    >
      <ul className={classes.list}>
        {candidates.map((candidate, at) => (
          <CandidateRow
            key={candidate.number}
            candidate={candidate}
            place={at + 1}
            isProposed={isProposed(repair, candidate)}
            onChoose={onChoose && (() => onChoose(candidate))}
          />
        ))}
      </ul>
      {onChoose !== null && hasOthers && changesMapping(repair) && (
        <Text size="xs" c="dimmed" mt="xs">
          Choosing puts that one in force instead of what is proposed above.
        </Text>
      )}
    </SectionCard>
  );
}
