/** Which repairs are shown: by connection, kind of change and, among all, by what became of them. */
import { Button, Group } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { QUEUE_FIELDS } from "@/features/approvals/queue-fields";
import { kindName, REPAIR_KINDS, REPAIR_LOOK, REPAIR_STATUSES } from "@/ui/change-words";
import { FilterSelect } from "@/ui/filter-select";
import { useUrlState } from "@/ui/use-url-state";

const KINDS = REPAIR_KINDS.map((value) => ({ value, label: kindName(value) }));
const STATES = REPAIR_STATUSES.map((value) => ({ value, label: REPAIR_LOOK[value].word }));

export function QueueFilters() {
  const [{ tab, state, kind, connection, since, until }, set] = useUrlState(QUEUE_FIELDS);
  const may = useMay();
  const connections = useQuery({ ...connectionsQuery(), enabled: may("connections.read") }).data ?? [];
  const isFiltered = state !== null || kind !== null || connection !== "" || since !== "" || until !== "";
  return (
    <Group gap="sm">
      <FilterSelect
        label="Connection"
        all="Every connection"
        options={connections.map(({ id, name }) => ({ value: id, label: name }))}
        value={connection === "" ? null : connection}
        onChange={(next) => set({ connection: next ?? "" })}
      />
      <FilterSelect
        label="Kind of change"
        all="Every kind of change"
        options={KINDS}
        value={kind}
        onChange={(next) => set({ kind: next })}
      />
      {tab === "all" && (
        <FilterSelect
          label="State"
          all="Every state"
          options={STATES}
          value={state}
          onChange={(next) => set({ state: next })}
          width={170}
        />
      )}
      {isFiltered && (
        <Button
          variant="subtle"
          leftSection={<IconX size={14} />}
          onClick={() => set({ state: null, kind: null, connection: "", since: "", until: "" })}
        >
          Show everything
        </Button>
      )}
    </Group>
  );
}
