/** Log one of one's devices out. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";
import { notifyFailure } from "@/ui/notify";

export function useEndLogin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => client.DELETE("/api/v1/auth/logins/{login_id}", { params: { path: { login_id: id } } }),
    onError: notifyFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ["logins"] }),
  });
}
