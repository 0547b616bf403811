/** Try a connection's source as it is stored; nothing of it changes. */
import { useMutation } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export function useTestConnection() {
  return useMutation({
    mutationFn: (connectionId: string) =>
      unwrap(
        client.POST("/api/v1/aam/connections/{connection_id}/test", {
          params: { path: { connection_id: connectionId } },
        }),
      ),
  });
}
