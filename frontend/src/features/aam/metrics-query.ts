/** How the repair loop did since a moment, counted by the API. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import type { Step } from "@/features/aam/span";

export type Metrics = Schemas["RepairMetricsOut"];

export const metricsQuery = (since: string, step: Step) =>
  queryOptions({
    queryKey: ["repair-metrics", since, step],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/aam/metrics", { params: { query: { since, step } }, signal })),
  });
