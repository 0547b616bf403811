/** Put the rules of an earlier version in force again, as a new version. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { notifyDone } from "@/ui/notify";

interface RollBack {
  connectionId: string;
  stream: string;
  version: number;
  note: string;
}

export function useRollBackMapping() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ connectionId, stream, version, note }: RollBack) =>
      unwrap(
        client.POST("/api/v1/aam/mappings/{connection_id}/{stream}/rollback", {
          params: { path: { connection_id: connectionId, stream } },
          body: { version, note: note.trim() === "" ? null : note.trim() },
        }),
      ),
    onSuccess: (decision) => notifyDone(decision.told),
    onSettled: () =>
      Promise.all([["mappings"], ["approvals"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
