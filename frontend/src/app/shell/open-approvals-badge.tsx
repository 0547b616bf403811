/** How many repairs wait, behind the page's name in the sidebar; nothing while that is not known. */
import { Badge } from "@mantine/core";

import { useAttention } from "@/app/shell/use-attention";
import { formatAtLeast } from "@/ui/numbers";

export function OpenApprovalsBadge() {
  const { approvals } = useAttention();
  if (approvals === undefined || approvals.items.length === 0) return null;
  const count = formatAtLeast(approvals.items.length, approvals.hasMore);
  return (
    <Badge size="sm" color="insight" variant="light" aria-label={`${count} waiting`}>
      {count}
    </Badge>
  );
}
