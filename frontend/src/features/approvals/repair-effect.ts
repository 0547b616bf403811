/** What approving a repair comes to: most put other rules in force; some only say that nothing takes a field's place. */
import type { Schemas } from "@/api/types";
import type { WholeApproval } from "@/features/approvals/approval-query";
import type { Candidate } from "@/features/approvals/wish";

type Told = Pick<Schemas["ApprovalOut"], "diff" | "kind">;

/** A stream's new name changes no rule, but approving moves its records there. */
export function changesMapping({ diff, kind }: Told): boolean {
  return diff.length > 0 || kind === "stream_renamed";
}

export function approveWord(repair: Told): string {
  if (changesMapping(repair)) return "Approve";
  if (repair.kind === "removed") return "Leave it empty";
  return repair.kind.startsWith("stream_") ? "Accept" : "Take it as it comes";
}

/** The likeliest first; leaving a field without a source was not weighed against them. */
export function rankedCandidates({ candidates }: Pick<WholeApproval, "candidates">): Candidate[] {
  return [...candidates].sort(
    (a, b) => Number(b.source !== null) - Number(a.source !== null) || b.probability - a.probability,
  );
}

/** Whether this is what is proposed already. */
export function isProposed({ changes }: Pick<WholeApproval, "changes">, { line }: Candidate): boolean {
  return changes.some(({ after }) => after?.line === line);
}

/** What one would most likely choose where nothing is proposed. */
export function likeliest(repair: WholeApproval): Candidate | undefined {
  return changesMapping(repair) ? undefined : rankedCandidates(repair).find(({ source }) => source !== null);
}

/** Where two persons are needed: whether this one has approved already, and another one has to now. */
export function hasApproved(
  { needs_two, votes }: Pick<WholeApproval, "needs_two" | "votes">,
  who: string | undefined,
): boolean {
  return needs_two && votes.some(({ by, verdict }) => by === who && verdict === "approve");
}
