/** The oldest repairs that wait for a person: enough to say how many there are about, however many there are. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Approval } from "@/api/types";

const MOST = 100;

export interface FirstApprovals {
  items: Approval[];
  /** There are more than these. */
  hasMore: boolean;
}

export const firstApprovalsQuery = () =>
  queryOptions({
    queryKey: ["approvals", "first"],
    queryFn: async ({ signal }): Promise<FirstApprovals> => {
      const query = { status: "open" as const, limit: MOST };
      const { items, next_cursor: next } = await unwrap(
        client.GET("/api/v1/aam/approvals", { params: { query }, signal }),
      );
      return { items, hasMore: next != null };
    },
  });
