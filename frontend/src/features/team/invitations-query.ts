/** Invitations that nobody took yet, newest first. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Invitation = Schemas["InvitationOut"];

export const invitationsQuery = () =>
  queryOptions({
    queryKey: ["invitations"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(client.GET("/api/v1/auth/invitations", { params: { query: { limit: 500, cursor } }, signal })),
      ),
  });
