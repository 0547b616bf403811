/** Put rules of one's own in force, on the version that one saw. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, ifMatch, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import type { CurrentMapping } from "@/features/connections/mapping-query";
import { notifyDone } from "@/ui/notify";

export type WrittenRule = Schemas["RuleIn"];

interface Written {
  rules: WrittenRule[];
  /** What the records are, where that was not known. */
  entity: string | null;
  tag: string | null;
}

/** A rule that stands, as it is sent back; what a person leaves as it was stays whose it was. */
export function asWritten({ source, target, transform, since, until }: CurrentMapping["rules"][number]): WrittenRule {
  return { source, target, transform, since, until };
}

export function useWriteMapping(connectionId: string, stream: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rules, entity, tag }: Written) =>
      unwrap(
        client.PUT("/api/v1/aam/mappings/{connection_id}/{stream}", {
          params: { path: { connection_id: connectionId, stream }, header: ifMatch(tag) },
          body: { rules, entity, note: null },
        }),
      ),
    onSuccess: (decision) => notifyDone(decision.told),
    onSettled: () =>
      Promise.all(
        [["mappings"], ["approvals"], ["syncs"], ["entities"]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
}
