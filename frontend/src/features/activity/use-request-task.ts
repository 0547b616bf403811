/** Ask for work over the whole organisation. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { notifyDone, notifyFailure } from "@/ui/notify";

export function useRequestTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (kind: "sync_all" | "refresh_views") => unwrap(client.POST("/api/v1/aoa/tasks", { body: { kind } })),
    onSuccess: (_, kind) =>
      notifyDone(kind === "sync_all" ? "A sync of every connection was asked for." : "New views were asked for."),
    onError: notifyFailure,
    onSettled: () => Promise.all([["tasks"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
