/** Which features this organisation has and why. Who runs the platform may set them for it. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconFlag } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useMe } from "@/api/queries/me-query";
import { flagsQuery, type Flag } from "@/features/settings/flags-query";
import { useOverrideFlag } from "@/features/settings/use-override-flag";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { StatusBadge } from "@/ui/status-badge";

const WHY: Record<Flag["reason"], string> = {
  disabled: "off for everybody",
  override: "set for this organisation",
  "roll-out": "by the roll-out",
};

export function FlagsPanel() {
  const { data, error, refetch } = useQuery(flagsQuery());
  const { is_operator: isOperator } = useMe();
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        New features reach organisations step by step.{" "}
        {isOperator ? "You run the platform, so you may set them for this one." : "Who runs the platform sets them."}
      </Text>
      <DataTable
        label="Features"
        columns={isOperator ? [...COLUMNS, SET] : COLUMNS}
        rows={data}
        rowKey={({ name }) => name}
        error={error}
        onRetry={() => void refetch()}
        minWidth={640}
        phoneWidth={300}
        rowHeight={60}
        likely={3}
        empty={
          <Empty title="No feature is being rolled out" icon={<IconFlag size={24} stroke={1.6} />}>
            Everything there is, you have.
          </Empty>
        }
      />
    </Stack>
  );
}

const COLUMNS: Column<Flag>[] = [
  {
    key: "name",
    header: "Feature",
    cell: ({ name, description }) => (
      <>
        <Text size="sm" fw={600} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={2}>
          {description}
        </Text>
      </>
    ),
  },
  {
    key: "state",
    header: "State",
    width: "96px",
    cell: ({ is_on: isOn }) => (
      <StatusBadge size="sm" tone={isOn ? "good" : "off"}>
        {isOn ? "on" : "off"}
      </StatusBadge>
    ),
  },
  { key: "why", header: "Why", width: "200px", from: "sm", cell: ({ reason }) => <Text size="sm">{WHY[reason]}</Text> },
];

const SET: Column<Flag> = {
  key: "set",
  header: "",
  width: "132px",
  align: "right",
  cell: (flag) => <Override flag={flag} />,
};

function Override({ flag: { name, is_on: isOn, reason } }: { flag: Flag }) {
  const override = useOverrideFlag();
  // What is off for everybody stays off, whatever is set here.
  if (reason === "disabled") return null;
  return (
    <Group gap={4} justify="flex-end">
      {reason === "override" && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          disabled={override.isPending}
          onClick={() => override.mutate({ name, isOn: null })}
        >
          As rolled out
        </Button>
      )}
      <Button
        size="compact-xs"
        variant="default"
        loading={override.isPending}
        onClick={() => override.mutate({ name, isOn: !isOn })}
        aria-label={`Turn ${isOn ? "off" : "on"} ${name} here`}
      >
        Turn {isOn ? "off" : "on"}
      </Button>
    </Group>
  );
}
