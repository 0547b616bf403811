/** Take an invitation back. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";

export function useRevokeInvitation() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      client.DELETE("/api/v1/auth/invitations/{invitation_id}", { params: { path: { invitation_id: id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["invitations"] }),
  });
}
