/** What a person is about to say of a repair; their note makes it a decision. */
import type { Schemas } from "@/api/types";

export type Candidate = Schemas["CandidateOut"];

export type Wish =
  | { verb: "approve" | "reject" | "undo" }
  | { verb: "choose"; candidate: Candidate }
  | { verb: "edit"; lines: readonly string[] };
