/** What needs a person now: repairs to decide on, and connections that do not work. */
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { firstApprovalsQuery, type FirstApprovals } from "@/api/queries/first-approvals-query";
import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";

export interface Attention {
  /** undefined: not known, or not this member's to know. */
  approvals: FirstApprovals | undefined;
  failing: Connection[] | undefined;
  isFailure: boolean;
}

export function useAttention(): Attention {
  const may = useMay();
  const approvals = useQuery({ ...firstApprovalsQuery(), enabled: may("drift.read") });
  const connections = useQuery({ ...connectionsQuery(), enabled: may("connections.read") });
  return {
    approvals: approvals.data,
    failing: connections.data?.filter(({ status }) => status === "failing" || status === "needs_person"),
    isFailure: approvals.isError || connections.isError,
  };
}
