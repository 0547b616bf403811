/** How a repair that waits is told in a row. */
import { Stack, Text } from "@mantine/core";

import type { Approval } from "@/api/types";
import { changesMapping } from "@/features/approvals/repair-effect";
import { changeTitle, kindName, SEVERITY_LOOK } from "@/ui/change-words";
import type { Column } from "@/ui/data-table";
import { formatCount } from "@/ui/numbers";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export const CHANGE: Column<Approval> = {
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

export const TOUCHES: Column<Approval> = {
  key: "views",
  from: "sm",
  header: "Touches",
  width: "170px",
  cell: ({ fields, views }) => (
    <Text size="sm" truncate title={[...views, ...fields].join(", ")}>
      {fields.length > 0 ? fields.join(", ") : views.length > 0 ? views.join(", ") : "no view"}
    </Text>
  ),
};

export const probability = (applyAt: number | undefined): Column<Approval> => ({
  key: "probability",
  header: "How sure",
  width: "140px",
  cell: (repair) =>
    changesMapping(repair) ? (
      <Probability value={repair.probability} applyAt={applyAt} />
    ) : repair.probability === 0 ? (
      <Unknown why="No way to fill it was found" />
    ) : (
      <Stack gap={0}>
        <Probability value={repair.probability} applyAt={applyAt} />
        <Text size="xs" c="dimmed">
          likeliest candidate
        </Text>
      </Stack>
    ),
});

export const ASKED: Column<Approval> = {
  key: "asked",
  from: "sm",
  header: "Waits since",
  width: "130px",
  cell: (repair) => <When at={repair.created_at} size="sm" />,
};

export function waitingColumns(applyAt: number | undefined): Column<Approval>[] {
  return [
    CHANGE,
    {
      key: "severity",
      from: "sm",
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
      from: "sm",
      header: "Held",
      width: "80px",
      align: "right",
      cell: ({ records_held }) =>
        records_held === null ? <Unknown why="Not counted when it was proposed" /> : formatCount(records_held),
    },
    ASKED,
    {
      key: "expires",
      from: "sm",
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
