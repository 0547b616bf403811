/**
 * Ask for a sync or a replay, as a task: a task can also be stopped once it runs. Who asks for one that waits already
 * joins it.
 */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Connection } from "@/api/types";
import { notifyDone, notifyFailure } from "@/ui/notify";

interface Wish {
  connection: Pick<Connection, "id" | "name">;
  kind: "sync" | "replay";
}

export function useRequestSync() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ connection, kind }: Wish) =>
      unwrap(client.POST("/api/v1/aoa/tasks", { body: { kind, connection_id: connection.id } })),
    onSuccess: (_, { connection, kind }) => notifyDone(`A ${kind} of ${connection.name} was asked for.`),
    onError: notifyFailure,
    onSettled: () =>
      Promise.all([["connections"], ["syncs"], ["tasks"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
