/** Rows of one publication of a view, a page after the other; what is published meanwhile moves none of them. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";
import { queryOf, type Asked } from "@/features/views/asked";

export type Row = Schemas["RowsOut"]["rows"][number];
const PAGE = 100;

export const rowsQuery = (asked: Asked, columns: readonly string[]) =>
  infiniteQueryOptions({
    // Their order is the page's own matter.
    queryKey: ["rows", asked, [...columns].sort()],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/dcl/views/{view}/rows", {
          params: {
            path: { view: asked.view },
            query: { ...queryOf(asked), columns: columnsOf(columns), limit: PAGE, cursor: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: "static",
  });

function columnsOf(columns: readonly string[]): string {
  return [...new Set(["_entity_id", ...columns])].sort().join(",");
}
