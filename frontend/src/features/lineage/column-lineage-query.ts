/** The source fields that fill a view's column, with how they are read. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type ColumnLineage = Schemas["ColumnLineageOut"];
export type ColumnSource = Schemas["ColumnSourceOut"];

export const columnLineageQuery = (view: string, column: string) =>
  queryOptions({
    queryKey: ["lineage", "columns", view, column],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/dcl/lineage/columns", { params: { query: { view, column } }, signal })),
  });
