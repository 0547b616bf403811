/** What rules would change and make of sample records. A POST that writes nothing. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { WrittenRule } from "@/features/connections/use-write-mapping";

export const rulePreviewQuery = (connectionId: string, stream: string, rules: WrittenRule[], entity: string | null) =>
  queryOptions({
    queryKey: ["mappings", "preview", connectionId, stream, entity, rules],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST("/api/v1/aam/mappings/preview", {
          body: { connection_id: connectionId, stream, rules, entity },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
