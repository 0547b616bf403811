/** Repairs of one state, or of all, newest first, page by page. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { RepairKind, RepairStatus } from "@/ui/change-words";

export interface Wanted {
  status: RepairStatus | null;
  connectionId: string | null;
  kind: RepairKind | null;
}

export const approvalsQuery = ({ status, connectionId, kind }: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["approvals", "list", status, connectionId, kind],
    initialPageParam: FIRST_PAGE,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aam/approvals", {
          params: { query: { limit: 100, cursor: pageParam, status, connection_id: connectionId, kind } },
          signal,
        }),
      ),
    getNextPageParam: nextCursor,
  });
