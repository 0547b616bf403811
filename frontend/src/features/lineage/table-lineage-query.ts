/** The tables between the sources and a view, with rows and runs. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type TableLineage = Schemas["TableLineageOut"];
export type TableNode = Schemas["TableNodeOut"];

export const tableLineageQuery = (view: string) =>
  queryOptions({
    queryKey: ["lineage", "tables", view],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dcl/lineage/tables", { params: { query: { view } }, signal })),
  });
