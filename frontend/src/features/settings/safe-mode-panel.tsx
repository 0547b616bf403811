/** Which connections read samples alone, who lifted that of the others, and changing it. */
import { Button, Stack, Text } from "@mantine/core";
import { IconShieldHalfFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { useSafeMode } from "@/features/settings/use-safe-mode";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { PageLink } from "@/ui/page-link";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

export function SafeModePanel() {
  const { data, error, refetch } = useQuery(connectionsQuery());
  const mayDecide = useMay()("approvals.decide");
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={760}>
        A new connection begins in Safe Mode: its syncs read a few records of each stream, and what they show is mapped
        and checked. Policy lifts that when the samples are sound and the risk is low; else a person does.
      </Text>
      <DataTable
        label="Safe Mode"
        columns={mayDecide ? [...COLUMNS, DECIDE] : COLUMNS}
        rows={data && [...data].sort((one, other) => Number(other.safe_mode) - Number(one.safe_mode))}
        rowKey={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        minWidth={720}
        phoneWidth={300}
        rowHeight={52}
        likely={6}
        empty={
          <Empty title="Nothing is connected yet" icon={<IconShieldHalfFilled size={24} stroke={1.6} />}>
            A connection shows here with its first sync.
          </Empty>
        }
      />
    </Stack>
  );
}

const COLUMNS: Column<Connection>[] = [
  {
    key: "name",
    header: "Connection",
    cell: ({ id, name, safe_mode: isSafe }) => (
      <>
        <PageLink to={`/connections/${id}`} size="sm" fw={600} underline="hover" truncate display="block">
          {name}
        </PageLink>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          reads {isSafe ? "samples" : "everything"}
        </Text>
      </>
    ),
  },
  { key: "risk", header: "Risk", width: "100px", from: "sm", cell: ({ risk_level: risk }) => risk },
  {
    key: "state",
    header: "Its syncs read",
    width: "140px",
    from: "sm",
    cell: ({ safe_mode: isSafe }) => (
      <StatusBadge size="sm" tone={isSafe ? "careful" : "good"}>
        {isSafe ? "samples" : "everything"}
      </StatusBadge>
    ),
  },
  { key: "lifted", header: "Lifted", from: "sm", cell: (connection) => <Lifted connection={connection} /> },
];

const DECIDE: Column<Connection> = {
  key: "decide",
  header: "",
  width: "132px",
  align: "right",
  cell: (connection) => <Decide connection={connection} />,
};

function Lifted({ connection: { safe_mode: isSafe, safe_mode_lifted_by: by, safe_mode_lifted_at: at } }: Shown) {
  if (isSafe || at === null) return null;
  return (
    <Text size="sm" c="dimmed" truncate component="div">
      <When at={at} size="sm" />
      {by !== null && `, by ${by}`}
    </Text>
  );
}

interface Shown {
  connection: Connection;
}

function Decide({ connection }: Shown) {
  const change = useSafeMode();
  const { safe_mode: isSafe, name } = connection;
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={change.isPending}
      onClick={() => change.mutate({ connection, isSafe: !isSafe })}
      aria-label={isSafe ? `Lift Safe Mode of ${name}` : `Samples only for ${name}`}
    >
      {isSafe ? "Lift" : "Samples only"}
    </Button>
  );
}
