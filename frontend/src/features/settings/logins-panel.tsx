/** Where one is logged in, and how to end it there. */
import { Button, Group, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";

import { logOutEverywhere } from "@/api/log-in";
import { deviceName } from "@/features/settings/device-name";
import { FieldsCard } from "@/features/settings/fields-card";
import { loginsQuery, type Login } from "@/features/settings/logins-query";
import { useEndLogin } from "@/features/settings/use-end-login";
import { Confirm } from "@/ui/confirm";
import { DataTable, type Column } from "@/ui/data-table";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

const SHOWN = 8;

export function LoginsPanel() {
  const { data, error, refetch } = useQuery(loginsQuery());
  const [isWhole, whole] = useDisclosure(false);
  // This one first, so that nobody has to look for it.
  const sorted = data && [...data].sort((one, other) => Number(other.is_this_one) - Number(one.is_this_one));
  const hidden = isWhole ? 0 : Math.max(0, (sorted?.length ?? 0) - SHOWN);
  const [isAsking, asking] = useDisclosure(false);
  return (
    <FieldsCard title="Your devices" subtitle="Where you are logged in to this organisation.">
      <DataTable
        label="Your devices"
        columns={useColumns()}
        rows={hidden > 0 ? sorted?.slice(0, SHOWN) : sorted}
        rowKey={(login) => login.id}
        error={error}
        onRetry={() => void refetch()}
        minWidth={560}
        phoneWidth={280}
        rowHeight={52}
        likely={2}
      />
      <Group>
        <Button variant="default" onClick={asking.open}>
          Log out everywhere
        </Button>
        {hidden > 0 && (
          <Button variant="subtle" onClick={whole.open}>
            Show {hidden} more
          </Button>
        )}
      </Group>
      <Confirm
        opened={isAsking}
        onClose={asking.close}
        title="Log out everywhere?"
        action="Log out everywhere"
        danger
        onConfirm={logOutEverywhere}
      >
        <Text size="sm">All your log-ins end, in every organisation, this one too.</Text>
      </Confirm>
    </FieldsCard>
  );
}

function useColumns(): Column<Login>[] {
  const end = useEndLogin();
  return [
    {
      key: "device",
      header: "Device",
      cell: (login) => (
        <Tooltip label={login.user_agent} multiline maw={420} disabled={login.user_agent === ""}>
          <div>
            <Text size="sm" fw={600} truncate>
              {deviceName(login.user_agent)}
            </Text>
            <Text size="xs" c="dimmed" truncate hiddenFrom="sm" component="div">
              used <When at={login.last_used_at} size="xs" />
            </Text>
          </div>
        </Tooltip>
      ),
    },
    {
      key: "since",
      header: "Since",
      width: "130px",
      from: "sm",
      cell: (login) => <When at={login.created_at} size="sm" />,
    },
    {
      key: "used",
      header: "Last used",
      width: "130px",
      from: "sm",
      cell: (login) => <When at={login.last_used_at} size="sm" />,
    },
    {
      key: "end",
      header: "",
      width: "116px",
      align: "right",
      cell: (login) =>
        login.is_this_one ? (
          <StatusBadge size="sm" tone="good">
            this one
          </StatusBadge>
        ) : (
          <Button
            size="xs"
            variant="default"
            loading={end.isPending && end.variables === login.id}
            onClick={() => end.mutate(login.id)}
          >
            Log out
          </Button>
        ),
    },
  ];
}
