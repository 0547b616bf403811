/** What edited rules would change and make of sample records. A POST that writes nothing. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const previewQuery = (id: string, lines: readonly string[]) =>
  queryOptions({
    queryKey: ["approvals", id, "preview", lines],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST("/api/v1/aam/approvals/{proposal_id}/preview", {
          params: { path: { proposal_id: id } },
          body: { rules: lines.map((line) => ({ line, since: 0 })), whole: false },
          signal,
        }),
      ),
    // The rows of before stay while the next ones are made: nothing jumps while one types.
    placeholderData: keepPreviousData,
  });
