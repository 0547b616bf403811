/** Delete a connection and destroy its credentials; records it brought stay. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useDeleteConnection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (connectionId: string) =>
      client.DELETE("/api/v1/aam/connections/{connection_id}", { params: { path: { connection_id: connectionId } } }),
    onSuccess: async () => {
      // The list alone: what is asked about the connection itself would find nothing any more.
      await queries.invalidateQueries({ queryKey: ["connections"], exact: true });
      await queries.invalidateQueries({ queryKey: ["intents"] });
    },
  });
}
