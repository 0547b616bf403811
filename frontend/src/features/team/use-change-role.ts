/** Give a member another role. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Role } from "@/api/types";
import { notifyDone, notifyFailure } from "@/ui/notify";

export function useChangeRole() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: Role }) =>
      unwrap(client.PATCH("/api/v1/auth/members/{user_id}", { params: { path: { user_id: userId } }, body: { role } })),
    onSuccess: (member) => notifyDone(`${member.email} is ${member.role} now.`),
    onError: notifyFailure,
    // One's own role decides what is shown everywhere.
    onSettled: () => Promise.all([["members"], ["me"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
