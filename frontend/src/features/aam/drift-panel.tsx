/** Every change of a source within the span, newest first; opens its evidence. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconShieldCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { DRIFT_COLUMNS } from "@/features/aam/drift-columns";
import { driftSinceQuery, type Drift } from "@/features/aam/drift-since-query";
import { FIELDS } from "@/features/aam/fields";
import { stepName, stepStart } from "@/features/aam/span";
import { useSince } from "@/features/aam/use-since";
import { CHANGE_KINDS, kindName, SEVERITIES, SEVERITY_LOOK } from "@/ui/change-words";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { FilterSelect } from "@/ui/filter-select";
import { formatCount } from "@/ui/numbers";
import { useUrlState } from "@/ui/use-url-state";

const KINDS = CHANGE_KINDS.map((value) => ({ value, label: kindName(value) }));
const GRAVE = SEVERITIES.map((value) => ({ value, label: SEVERITY_LOOK[value].word }));
const STATES = [
  { value: "open" as const, label: "open" },
  { value: "resolved" as const, label: "resolved" },
];

export function DriftPanel() {
  const [{ connection, kind, severity, status, at }, set] = useUrlState(FIELDS);
  const { since, step } = useSince();
  const { data, error, refetch } = useQuery(driftSinceQuery(since));
  const may = useMay();
  const connections = useQuery({ ...connectionsQuery(), enabled: may("connections.read") }).data ?? [];
  const isShown = (event: Drift) =>
    (connection === "" || event.connection_id === connection) &&
    (kind === null || event.kind === kind) &&
    (severity === null || event.severity === severity) &&
    (status === null || event.status === status) &&
    (at === "" || stepStart(event.first_seen_at, step) === Date.parse(at));
  const isFiltered = connection !== "" || kind !== null || severity !== null || status !== null || at !== "";
  const noFilter = { connection: "", kind: null, severity: null, status: null, at: "" };

  return (
    <Stack gap="md">
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
          all="Every kind"
          options={KINDS}
          value={kind}
          onChange={(next) => set({ kind: next })}
          width={180}
        />
        <FilterSelect
          label="Severity"
          all="Every severity"
          options={GRAVE}
          value={severity}
          onChange={(next) => set({ severity: next })}
          width={160}
        />
        <FilterSelect
          label="State"
          all="Every state"
          options={STATES}
          value={status}
          onChange={(next) => set({ status: next })}
          width={150}
        />
        {at !== "" && <Text size="sm">first seen {stepName(at, step)}</Text>}
        {isFiltered && (
          <Button variant="subtle" leftSection={<IconX size={14} />} onClick={() => set(noFilter)}>
            Show everything
          </Button>
        )}
      </Group>
      <DataTable
        label="Drift"
        columns={DRIFT_COLUMNS}
        rows={data?.events.filter(isShown)}
        rowKey={(event) => event.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(event) => set({ drift: event.id }, true)}
        rowHeight={60}
        minWidth={980}
        phoneWidth={330}
        empty={
          isFiltered ? (
            <Empty title="No change of this span fits" />
          ) : (
            <Empty title="No source changed in this span" icon={<IconShieldCheck size={24} stroke={1.6} />}>
              Every sync compares the shape of a source with the approved one; what differs comes here.
            </Empty>
          )
        }
      />
      {data?.isCut === true && (
        <Text size="xs" c="dimmed">
          The newest {formatCount(data.events.length)}; choose a shorter span to see the others.
        </Text>
      )}
    </Stack>
  );
}
