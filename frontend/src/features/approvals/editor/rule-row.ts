/** What a row of the editor is given, whether it shows a line or a form. */
import type { WholeApproval } from "@/features/approvals/approval-query";

export interface RuleRowProps {
  repair: WholeApproval;
  /** Counted from 0. */
  place: number;
  line: string;
  problem: string | null;
  onChange: (line: string) => void;
  /** Several lines at once, in the place of this one. */
  onPaste: (lines: string[]) => void;
  /** null: it is the last one left. */
  onRemove: (() => void) | null;
}
