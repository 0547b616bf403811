/** What becomes of a source's changes, by scope; the narrowest counts. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFileCertificate, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { ContractForm } from "@/features/settings/contract-form";
import { kindInWords, POLICIES } from "@/features/settings/contract-words";
import { contractsQuery, type Contract } from "@/features/settings/contracts-query";
import { useDeleteContract } from "@/features/settings/use-delete-contract";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { RowDelete } from "@/ui/row-delete";
import { When } from "@/ui/when";

export function ContractsPanel() {
  const { data, error, refetch } = useQuery(contractsQuery());
  const mayWrite = useMay()("settings.write");
  const [isAdding, adding] = useDisclosure(false);
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" flex={1} miw={220}>
          Where several fit, the narrowest counts: a kind of change in a stream, then the stream, its connection, the
          organisation.
        </Text>
        {mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={adding.open}>
            New contract
          </Button>
        )}
      </Group>
      <DataTable
        label="Contracts"
        columns={useColumns(mayWrite)}
        rows={data}
        rowKey={(contract) => contract.id}
        error={error}
        onRetry={() => void refetch()}
        minWidth={760}
        phoneWidth={300}
        likely={3}
        empty={
          <Empty title="Nothing was decided yet" icon={<IconFileCertificate size={24} stroke={1.6} />}>
            The rules of the product hold for every change until somebody decides otherwise.
          </Empty>
        }
      />
      <ContractForm opened={isAdding} onClose={adding.close} />
    </Stack>
  );
}

function useColumns(mayWrite: boolean): Column<Contract>[] {
  const may = useMay();
  const connections = useQuery({ ...connectionsQuery(), enabled: may("connections.read") });
  const remove = useDeleteContract();
  const scope = ({ connection_id, stream }: Contract) => {
    if (connection_id === null) return "The organisation";
    const name = connections.data?.find(({ id }) => id === connection_id)?.name ?? "A connection";
    return stream === null ? name : `${name} · ${stream}`;
  };
  const columns: Column<Contract>[] = [
    {
      key: "scope",
      header: "Where",
      cell: (contract) => (
        <Text size="sm" fw={600} truncate>
          {scope(contract)}
        </Text>
      ),
    },
    { key: "kind", header: "What", width: "130px", cell: (contract) => kindInWords(contract.kind) },
    {
      key: "policy",
      header: "Then",
      width: "86px",
      cell: (contract) => POLICIES.find(({ value }) => value === contract.policy)?.label,
    },
    {
      key: "by",
      header: "Decided by",
      from: "sm",
      cell: (contract) => (
        <Text size="sm" truncate>
          {contract.decided_by}
        </Text>
      ),
    },
    {
      key: "at",
      header: "When",
      width: "130px",
      from: "sm",
      cell: (contract) => <When at={contract.decided_at} size="sm" />,
    },
  ];
  if (mayWrite) {
    columns.push({
      key: "delete",
      header: "",
      width: "52px",
      align: "right",
      cell: (contract) => (
        <RowDelete
          label={`Take back the contract of ${scope(contract)}`}
          title="Take this contract back?"
          action="Take back"
          onConfirm={() => remove.mutateAsync(contract.id)}
        >
          What is said more widely counts again, or the product's default.
        </RowDelete>
      ),
    });
  }
  return columns;
}
