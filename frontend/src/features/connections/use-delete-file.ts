/** Remove a file; what a connection brought of it stays. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useDeleteFile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => client.DELETE("/api/v1/aam/files/{name}", { params: { path: { name } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["files"] }),
  });
}
