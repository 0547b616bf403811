/** What an invitation offers. Asked once: the token does not come to mean something else. */
import { queryOptions } from "@tanstack/react-query";

import { showInvitation } from "@/api/log-in";

export const invitationQuery = (token: string) =>
  queryOptions({ queryKey: ["invitation", token], queryFn: () => showInvitation(token), staleTime: Infinity });
