/** Choose how one stream is read; it counts from the next sync on. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Choice } from "@/features/connections/choices";
import { discoverQuery } from "@/features/connections/discover-query";

export function useChooseStream(connectionId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ stream, choice }: { stream: string; choice: Choice }) =>
      unwrap(
        client.PATCH("/api/v1/aam/connections/{connection_id}/streams/{stream}", {
          params: { path: { connection_id: connectionId, stream } },
          body: choice,
        }),
      ),
    onSuccess: (chosen) => {
      queries.setQueryData(discoverQuery(connectionId).queryKey, (known) =>
        known === undefined
          ? known
          : { ...known, streams: known.streams.map((one) => (one.name === chosen.name ? chosen : one)) },
      );
      queries.removeQueries({ queryKey: ["source", connectionId, "preview", chosen.name] });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["connections", connectionId] }),
  });
}
