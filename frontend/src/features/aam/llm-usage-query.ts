/** The ledger of language model calls from a day on, and the budget of this month. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type LlmUsage = Schemas["LlmUsageOut"];

/** `first` is a day, `2026-01-31`. */
export const llmUsageQuery = (first: string) =>
  queryOptions({
    queryKey: ["llm-usage", "days", first],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/admin/llm-usage", { params: { query: { first } }, signal })),
  });
