/** How many rows the filters leave. Asked for on demand: counting reads them all. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { queryOf, type Asked } from "@/features/views/asked";

export const countQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ["rows", "count", { ...asked, sort: "" }],
    queryFn: async ({ signal }) => {
      const query = { ...queryOf({ ...asked, sort: "" }), columns: "_entity_id", limit: 1, count: "exact" as const };
      const page = await unwrap(
        client.GET("/api/v1/dcl/views/{view}/rows", { params: { path: { view: asked.view }, query }, signal }),
      );
      return page.total;
    },
    staleTime: "static",
  });
