/** Lift the Safe Mode of a connection, or put it there again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Connection } from "@/api/types";
import { notifyDone, notifyFailure } from "@/ui/notify";

interface Change {
  connection: Connection;
  isSafe: boolean;
}

export function useSafeMode() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ connection, isSafe }: Change) => {
      const params = { params: { path: { connection_id: connection.id } } };
      return isSafe
        ? unwrap(client.POST("/api/v1/aam/connections/{connection_id}/hold", params))
        : unwrap(client.POST("/api/v1/aam/connections/{connection_id}/lift", params));
    },
    onSuccess: (_, { connection, isSafe }) =>
      notifyDone(
        isSafe
          ? `${connection.name} is in Safe Mode: its next syncs are samples.`
          : `Safe Mode of ${connection.name} is lifted: its syncs read everything.`,
      ),
    onError: notifyFailure,
    onSettled: () =>
      Promise.all([["connections"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
