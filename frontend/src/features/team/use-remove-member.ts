/** End a membership, with its log-ins and the keys the member made. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useRemoveMember() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (userId: string) =>
      client.DELETE("/api/v1/auth/members/{user_id}", { params: { path: { user_id: userId } } }),
    onSettled: () =>
      Promise.all([["members"], ["api-keys"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
