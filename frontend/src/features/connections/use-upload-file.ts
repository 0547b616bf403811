/** Send a file, so that connections of the organisation may read it. One of the same name is replaced. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export function useUploadFile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (file: File) =>
      unwrap(
        client.POST("/api/v1/aam/files", {
          params: { query: { name: file.name } },
          headers: { "Content-Type": "application/octet-stream" },
          // The document calls bytes a text; they are sent as they are.
          body: file as unknown as string,
          bodySerializer: (bytes) => bytes,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["files"] }),
  });
}
