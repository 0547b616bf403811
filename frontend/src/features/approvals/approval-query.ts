/** One repair with all there is to know, and the tag that says what one saw when one decides. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrapTagged } from "@/api/client";
import type { Schemas } from "@/api/types";

export type WholeApproval = Schemas["WholeApprovalOut"];

export const approvalQuery = (id: string) =>
  queryOptions({
    queryKey: ["approvals", id],
    queryFn: ({ signal }) =>
      unwrapTagged(
        client.GET("/api/v1/aam/approvals/{proposal_id}", { params: { path: { proposal_id: id } }, signal }),
      ),
  });
