/** A contract: where, for which change, and what then. */
import { Autocomplete, Button, Group, Modal, Radio, Select, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { CHANGE_KINDS, kindInWords, POLICIES, type ChangeKind, type Policy } from "@/features/settings/contract-words";
import { streamNamesQuery } from "@/api/queries/stream-names-query";
import { useSetContract } from "@/features/settings/use-set-contract";
import { Failure } from "@/ui/failure";

interface ContractFormProps {
  opened: boolean;
  onClose: () => void;
}

interface Values {
  connection: string | null;
  stream: string;
  kind: ChangeKind | null;
  policy: Policy;
}

export function ContractForm({ opened, onClose }: ContractFormProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New contract" centered>
      <Fields onClose={onClose} />
    </Modal>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const may = useMay();
  const set = useSetContract();
  const form = useForm<Values>({ initialValues: { connection: null, stream: "", kind: null, policy: "hold" } });
  const { connection } = form.values;
  const connections = useQuery({ ...connectionsQuery(), enabled: may("connections.read") });
  const streams = useQuery({ ...streamNamesQuery(connection ?? ""), enabled: connection !== null });
  const send = form.onSubmit(({ policy, kind, stream }) => {
    const scope = connection === null ? {} : { connection_id: connection, stream: stream.trim() || null };
    set.mutate({ policy, kind, ...scope }, { onSuccess: onClose });
  });
  return (
    <form onSubmit={send}>
      <Stack gap="md">
        {set.error !== null && <Failure error={set.error} />}
        <Select
          label="Where"
          placeholder="The whole organisation"
          data={(connections.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          clearable
          searchable
          {...form.getInputProps("connection")}
        />
        {connection !== null && (
          <Autocomplete
            label="Stream"
            placeholder="All of them"
            data={streams.data ?? []}
            {...form.getInputProps("stream")}
          />
        )}
        <Select
          label="Which change"
          placeholder="Every change"
          data={CHANGE_KINDS.map((kind) => ({ value: kind, label: kindInWords(kind) }))}
          clearable
          searchable
          {...form.getInputProps("kind")}
        />
        <Radio.Group label="What then" {...form.getInputProps("policy")}>
          <Stack gap="xs" mt={6}>
            {POLICIES.map(({ value, label, means }) => (
              <Radio key={value} value={value} label={label} description={means} />
            ))}
          </Stack>
        </Radio.Group>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={set.isPending}>
            Decide
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
