/** How a repair is told in a row, with what became of it. */
import { Group, Text } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";

import type { Approval } from "@/api/types";
import { ASKED, CHANGE, probability, TOUCHES } from "@/features/approvals/repair-columns";
import { REPAIR_LOOK } from "@/ui/change-words";
import type { Column } from "@/ui/data-table";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

const PROPOSED: Column<Approval> = { ...ASKED, header: "Proposed" };

export function decidedColumns(applyAt: number | undefined): Column<Approval>[] {
  return [
    CHANGE,
    {
      key: "state",
      header: "State",
      width: "140px",
      cell: ({ status }) => (
        <StatusBadge size="sm" tone={REPAIR_LOOK[status].tone} hint={REPAIR_LOOK[status].means}>
          {REPAIR_LOOK[status].word}
        </StatusBadge>
      ),
    },
    { ...probability(applyAt), from: "sm" },
    TOUCHES,
    PROPOSED,
    {
      key: "by",
      from: "sm",
      header: "Decided",
      width: "190px",
      cell: ({ decided_at, decided_by }) =>
        decided_at === null ? (
          <Unknown why="Not decided" />
        ) : (
          <Group gap={6} wrap="nowrap">
            <IconUsersGroup size={14} aria-hidden style={{ flex: "none" }} />
            <Text size="sm" truncate>
              {decided_by ?? "not told by whom"}
            </Text>
            <When at={decided_at} size="xs" />
          </Group>
        ),
    },
  ];
}
