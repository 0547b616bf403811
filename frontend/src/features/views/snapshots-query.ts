/** Publications that can still be read, newest first. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Snapshot = Schemas["SnapshotOut"];

export const snapshotsQuery = () =>
  queryOptions({
    queryKey: ["views", "snapshots"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/dcl/snapshots", { signal }))).items,
  });
