/** How a repair is told in a row. */
import { Group, Stack, Text } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";

import type { Approval } from "@/api/types";
import { changeTitle, kindName, REPAIR_LOOK, SEVERITY_LOOK } from "@/ui/change-words";
import type { Column } from "@/ui/data-table";
import { formatCount } from "@/ui/numbers";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

const CHANGE: Column<Approval> = {
  key: "change",
  header: "Change",
  cell: (repair) => (
    <Stack gap={0}>
      <Text size="sm" fw={650} truncate>
        {changeTitle(repair.fields_before, repair.fields_after) || kindName(repair.kind)}
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {kindName(repair.kind)} in {repair.connection ?? "a deleted connection"} · {repair.stream}
      </Text>
    </Stack>
  ),
};

const TOUCHES: Column<Approval> = {
  key: "views",
  header: "Touches",
  width: "170px",
  cell: ({ fields, views }) => (
    <Text size="sm" truncate title={[...views, ...fields].join(", ")}>
      {fields.length > 0 ? fields.join(", ") : views.length > 0 ? views.join(", ") : "no view"}
    </Text>
  ),
};

const probability = (applyAt: number | undefined): Column<Approval> => ({
  key: "probability",
  header: "How sure",
  width: "140px",
  cell: (repair) => <Probability value={repair.probability} applyAt={applyAt} />,
});

const ASKED: Column<Approval> = {
  key: "asked",
  header: "Waits since",
  width: "130px",
  cell: (repair) => <When at={repair.created_at} size="sm" />,
};

const PROPOSED: Column<Approval> = { ...ASKED, header: "Proposed" };

export function waitingColumns(applyAt: number | undefined): Column<Approval>[] {
  return [
    CHANGE,
    {
      key: "severity",
      header: "Severity",
      width: "125px",
      cell: ({ severity }) =>
        severity === null ? (
          <Unknown why="Nothing drifted" />
        ) : (
          <StatusBadge size="sm" tone={SEVERITY_LOOK[severity].tone}>
            {SEVERITY_LOOK[severity].word}
          </StatusBadge>
        ),
    },
    probability(applyAt),
    TOUCHES,
    {
      key: "held",
      header: "Held",
      width: "80px",
      align: "right",
      cell: ({ records_held }) =>
        records_held === null ? <Unknown why="Not counted when it was proposed" /> : formatCount(records_held),
    },
    ASKED,
    {
      key: "expires",
      header: "Escalates",
      width: "130px",
      cell: ({ escalated_at, expires_at }) =>
        escalated_at !== null ? (
          <StatusBadge size="sm" tone="warning" hint="Nobody decided in time">
            escalated
          </StatusBadge>
        ) : expires_at === null ? (
          <Unknown why="Nobody was asked" />
        ) : (
          <When at={expires_at} size="sm" />
        ),
    },
  ];
}

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
    probability(applyAt),
    TOUCHES,
    PROPOSED,
    {
      key: "by",
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
