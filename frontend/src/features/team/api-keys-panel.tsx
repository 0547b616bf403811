/** Keys of the organisation, with what they may do and when they were used. */
import { Code, Text, Tooltip } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { apiKeysQuery, type ApiKey } from "@/features/team/api-keys-query";
import { membersQuery } from "@/api/queries/members-query";
import { useRevokeApiKey } from "@/features/team/use-revoke-api-key";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { RowDelete } from "@/ui/row-delete";
import { When } from "@/ui/when";

export function ApiKeysPanel() {
  const { data, error, refetch } = useQuery(apiKeysQuery());
  return (
    <DataTable
      label="API keys"
      columns={useColumns()}
      rows={data}
      rowKey={(key) => key.id}
      error={error}
      onRetry={() => void refetch()}
      minWidth={820}
      phoneWidth={320}
      likely={3}
      rowHeight={60}
      empty={
        <Empty title="No keys yet" icon={<IconKey size={24} stroke={1.6} />}>
          A key lets a program read or change what its maker may, within the scopes you choose.
        </Empty>
      }
    />
  );
}

function useColumns(): Column<ApiKey>[] {
  const revoke = useRevokeApiKey();
  const members = useQuery(membersQuery());
  const maker = (key: ApiKey) => members.data?.find((member) => member.user_id === key.created_by)?.email;
  return [
    { key: "name", header: "Key", cell: (key) => <Named apiKey={key} /> },
    { key: "scopes", header: "May", from: "sm", cell: (key) => <Scopes scopes={key.scopes} /> },
    {
      key: "by",
      header: "Acts for",
      from: "sm",
      cell: (key) => (
        <Text size="sm" truncate>
          {maker(key) ?? "a former member"}
        </Text>
      ),
    },
    {
      key: "used",
      header: "Last used",
      width: "120px",
      from: "xs",
      cell: (key) => (key.last_used_at === null ? "never" : <When at={key.last_used_at} size="sm" />),
    },
    {
      key: "ends",
      header: "Ends",
      width: "104px",
      cell: (key) => (key.expires_at === null ? "never" : <When at={key.expires_at} size="sm" />),
    },
    {
      key: "revoke",
      header: "",
      width: "52px",
      align: "right",
      cell: (key) => (
        <RowDelete
          label={`Revoke ${key.name}`}
          title={`Revoke “${key.name}”?`}
          action="Revoke"
          onConfirm={() => revoke.mutateAsync(key.id)}
        >
          Programs that use it are refused within a second. It cannot be had back.
        </RowDelete>
      ),
    },
  ];
}

function Named({ apiKey }: { apiKey: ApiKey }) {
  return (
    <>
      <Text size="sm" fw={600} truncate>
        {apiKey.name}
      </Text>
      <Code fz={11}>{apiKey.prefix}…</Code>
    </>
  );
}

function Scopes({ scopes }: { scopes: string[] }) {
  const all = scopes.join(", ");
  return (
    <Tooltip label={all} multiline maw={320} disabled={scopes.length < 3}>
      <Text size="sm" lineClamp={2} tabIndex={scopes.length < 3 ? undefined : 0}>
        {all}
      </Text>
    </Tooltip>
  );
}
