/** The organisation's secrets by name: what uses them, putting another value, destroying them. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLockPassword, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import type { Schemas } from "@/api/types";
import { SecretForm } from "@/features/settings/secret-form";
import { secretsQuery } from "@/features/settings/secrets-query";
import { useDeleteSecret } from "@/features/settings/use-delete-secret";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { RowDelete } from "@/ui/row-delete";
import { When } from "@/ui/when";

type Secret = Schemas["SecretOut"];

export function SecretsPanel() {
  const { data, error, refetch } = useQuery(secretsQuery());
  const mayWrite = useMay()("secrets.write");
  const [isAdding, adding] = useDisclosure(false);
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" flex={1} miw={220}>
          Credentials that connections and notes take by name. They are sealed: a value can be put, and never be read.
        </Text>
        {mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={adding.open}>
            New secret
          </Button>
        )}
      </Group>
      <DataTable
        label="Secrets"
        columns={mayWrite ? [...COLUMNS, CHANGE] : COLUMNS}
        rows={data}
        rowKey={({ name }) => name}
        error={error}
        onRetry={() => void refetch()}
        minWidth={700}
        phoneWidth={300}
        likely={3}
        empty={
          <Empty title="No secret was put yet" icon={<IconLockPassword size={24} stroke={1.6} />}>
            A connection can keep its credentials itself. A secret is for those that several share.
          </Empty>
        }
      />
      <SecretForm opened={isAdding} onClose={adding.close} name={null} />
    </Stack>
  );
}

const COLUMNS: Column<Secret>[] = [
  {
    key: "name",
    header: "Name",
    cell: ({ name }) => (
      <Text size="sm" fw={600} truncate title={name}>
        {name}
      </Text>
    ),
  },
  {
    key: "used",
    header: "Used by",
    from: "sm",
    cell: ({ used_by: users }) => (
      <Text size="sm" truncate title={users.join(", ")} c={users.length === 0 ? "dimmed" : undefined}>
        {users.length === 0 ? "no connection" : users.join(", ")}
      </Text>
    ),
  },
  { key: "version", header: "Put", width: "90px", from: "sm", cell: ({ version }) => times(version) },
  { key: "at", header: "Last put", width: "120px", cell: ({ updated_at: at }) => <When at={at} size="sm" /> },
];

const CHANGE: Column<Secret> = {
  key: "change",
  header: "",
  width: "140px",
  align: "right",
  cell: (secret) => <Change secret={secret} />,
};

function Change({ secret: { name, used_by: users } }: { secret: Secret }) {
  const [isPutting, putting] = useDisclosure(false);
  const remove = useDeleteSecret();
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      <Button size="compact-sm" variant="default" onClick={putting.open} aria-label={`New value for ${name}`}>
        New value
      </Button>
      <RowDelete
        label={`Destroy ${name}`}
        title={`Destroy “${name}”?`}
        action="Destroy"
        onConfirm={() => remove.mutateAsync(name)}
      >
        {users.length === 0
          ? "Its value cannot be had back."
          : `${users.join(", ")} take their credentials from it: this is refused while they do.`}
      </RowDelete>
      <SecretForm opened={isPutting} onClose={putting.close} name={name} />
    </Group>
  );
}

function times(version: number): string {
  return version === 1 ? "once" : `${version} times`;
}
