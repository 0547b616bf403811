/** How much of every stream is mapped, and how much of every column of a view is filled. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Coverage = Schemas["CoverageOut"];
export type ColumnCoverage = Schemas["ColumnCoverageOut"];

export const coverageQuery = () =>
  queryOptions({
    queryKey: ["ontology", "coverage"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dcl/coverage", { signal })),
  });
