/** Kinds of source that can be connected, each with the JSON schema of its configuration. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type SourceKind = Schemas["KindOut"];

export const kindsQuery = () =>
  queryOptions({
    queryKey: ["platform", "kinds"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/aam/kinds", { signal })),
    // They change with the version of the platform.
    staleTime: Infinity,
  });
