/** Invite an address; the answer alone has the link. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export function useInvite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["InvitationIn"]) => unwrap(client.POST("/api/v1/auth/invitations", { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["invitations"] }),
  });
}

/** Where the platform does not know its public address, the page does: it was opened there. */
export function linkOf(invitation: Schemas["InvitationCreatedOut"]): string {
  return invitation.link ?? `${window.location.origin}/invitations#token=${invitation.token}`;
}
