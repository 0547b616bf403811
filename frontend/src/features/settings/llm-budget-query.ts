/** What the language model may cost this month and did cost. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const llmBudgetQuery = () =>
  queryOptions({
    queryKey: ["llm-usage", "budget"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/admin/llm-usage", { signal }))).budget,
  });
