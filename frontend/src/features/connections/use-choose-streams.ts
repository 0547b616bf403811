/** Choose for all streams at once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Choice } from "@/features/connections/choices";
import { discoverQuery } from "@/features/connections/discover-query";

export function useChooseStreams(connectionId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (streams: Record<string, Choice>) =>
      unwrap(
        client.PUT("/api/v1/aam/connections/{connection_id}/streams", {
          params: { path: { connection_id: connectionId } },
          body: { streams },
        }),
      ),
    onSuccess: (_, streams) => {
      queries.setQueryData(discoverQuery(connectionId).queryKey, (known) =>
        known === undefined
          ? known
          : {
              ...known,
              streams: known.streams.map((one) => ({ ...one, choice: streams[one.name] ?? one.choice })),
            },
      );
      queries.removeQueries({ queryKey: ["source", connectionId, "preview"] });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["connections", connectionId] }),
  });
}
