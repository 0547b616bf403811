/** Say what becomes of a repair, on what one saw of it. */
import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { client, ifMatch, unwrap } from "@/api/client";
import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import type { Schemas } from "@/api/types";
import { wasDecidedMeanwhile } from "@/features/approvals/meanwhile";

export type Decision = { note: string | null } & (
  | { verb: "approve" | "reject" | "undo" }
  | { verb: "choose"; candidate: number }
  | { verb: "edit"; lines: readonly string[] }
);

export interface Decided {
  decision: Decision;
  /** Of what was on the screen when the person made up their mind. */
  tag: string | null;
}

export type Outcome = Schemas["DecisionOut"];

export function useDecide(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ decision, tag }: Decided) => send(id, decision, tag),
    onSuccess: (outcome) => {
      if (outcome.status !== "waiting_for_second") takeFromQueue(queries, id);
      return void queries.invalidateQueries({ queryKey: ["approvals"] });
    },
    // Somebody was faster: then theirs is to be seen, before one thinks again.
    onError: async (error) => {
      if (wasDecidedMeanwhile(error)) await queries.invalidateQueries({ queryKey: ["approvals"] });
    },
  });
}

function send(id: string, decision: Decision, tag: string | null): Promise<Outcome> {
  const params = { path: { proposal_id: id }, header: ifMatch(tag) };
  const { note } = decision;
  switch (decision.verb) {
    case "approve":
      return unwrap(client.POST("/api/v1/aam/approvals/{proposal_id}/approve", { params, body: { note } }));
    case "reject":
      return unwrap(client.POST("/api/v1/aam/approvals/{proposal_id}/reject", { params, body: { note } }));
    case "undo":
      return unwrap(client.POST("/api/v1/aam/approvals/{proposal_id}/undo", { params, body: { note } }));
    case "choose": {
      const body = { note, candidate: decision.candidate };
      return unwrap(client.POST("/api/v1/aam/approvals/{proposal_id}/choose", { params, body }));
    }
    case "edit": {
      const body = { note, rules: decision.lines.map((line) => ({ line, since: 0 })), whole: false };
      return unwrap(client.POST("/api/v1/aam/approvals/{proposal_id}/edit", { params, body }));
    }
  }
}

/** The queue and the bell need not wait for what is certain. */
function takeFromQueue(queries: QueryClient, id: string): void {
  queries.setQueryData(openApprovalsQuery().queryKey, (waiting) => waiting?.filter((each) => each.id !== id));
}
