/** Repairs that wait for a person, oldest first. The bell shows how many; the queue shows them. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";

export const openApprovalsQuery = () =>
  queryOptions({
    queryKey: ["approvals", "open"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(
          client.GET("/api/v1/aam/approvals", { params: { query: { status: "open", limit: 500, cursor } }, signal }),
        ),
      ),
  });
