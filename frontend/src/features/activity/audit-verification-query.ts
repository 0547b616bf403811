/**
 * Whether the history is as it was written. The whole chain is walked for it, so it is asked for by people and not by
 * live events: the key begins with no topic.
 */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const auditVerificationQuery = () =>
  queryOptions({
    queryKey: ["audit-verification"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/admin/audit/verify", { signal })),
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });
