/** How many repairs wait, behind the page's name in the sidebar; nothing while that is not known. */
import { Badge } from "@mantine/core";

import { useAttention } from "@/app/shell/use-attention";
import { formatShort } from "@/ui/numbers";

export function OpenApprovalsBadge() {
  const count = useAttention().approvals?.length ?? 0;
  return count === 0 ? null : (
    <Badge size="sm" color="insight" variant="light" aria-label={`${count} waiting`}>
      {formatShort(count)}
    </Badge>
  );
}
