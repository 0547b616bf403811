/** Change a connection, if nobody changed it meanwhile. What concerns the source is tried there first. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, ifMatch, unwrapTagged } from "@/api/client";
import type { Schemas } from "@/api/types";
import { connectionQuery } from "@/features/connections/connection-query";

interface Change {
  connectionId: string;
  tag: string | null;
  changes: Schemas["ConnectionChange"];
}

export function useChangeConnection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ connectionId, tag, changes }: Change) =>
      unwrapTagged(
        client.PATCH("/api/v1/aam/connections/{connection_id}", {
          params: { path: { connection_id: connectionId }, header: ifMatch(tag) },
          body: changes,
        }),
      ),
    onSuccess: (changed, { connectionId }) => queries.setQueryData(connectionQuery(connectionId).queryKey, changed),
    // Also when it was refused: somebody may have been faster, and theirs is to be seen.
    onSettled: () => queries.invalidateQueries({ queryKey: ["connections"] }),
    // It may have held credentials.
    gcTime: 0,
  });
}
