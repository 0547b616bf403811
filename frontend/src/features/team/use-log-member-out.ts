/** End a member's log-ins to this organisation. */
import { useMutation } from "@tanstack/react-query";

import { client } from "@/api/client";
import { notifyDone, notifyFailure } from "@/ui/notify";
import type { Member } from "@/api/queries/members-query";

export function useLogMemberOut() {
  return useMutation({
    mutationFn: (member: Member) =>
      client.POST("/api/v1/auth/members/{user_id}/logout", { params: { path: { user_id: member.user_id } } }),
    onSuccess: (_, member) => notifyDone(`${member.email} is logged out everywhere in this organisation.`),
    onError: notifyFailure,
  });
}
