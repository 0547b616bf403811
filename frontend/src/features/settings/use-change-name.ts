/** Change how others see oneself. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, ifMatch, unwrap } from "@/api/client";
import { meQuery } from "@/api/queries/me-query";
import { notifyDone } from "@/ui/notify";

export function useChangeName() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (displayName: string | null) => {
      const tag = queries.getQueryData(meQuery().queryKey)?.tag ?? null;
      return unwrap(
        client.PATCH("/api/v1/auth/me", { body: { display_name: displayName }, params: { header: ifMatch(tag) } }),
      );
    },
    onSuccess: () => notifyDone("Saved."),
    onSettled: () => Promise.all([["me"], ["members"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
