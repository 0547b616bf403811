/** Every source of the organisation: how it is doing, when it is read next, what waits there for a person. */
import { Button, Group, Select, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlus, IconPlugConnected, IconSearch } from "@tabler/icons-react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { connectionColumns } from "@/features/connections/connection-columns";
import { lookOf, STATES, stateOf } from "@/features/connections/connection-state";
import { FunnelCard } from "@/features/connections/funnel-card";
import { fitting, sorted, SORTS } from "@/features/connections/sort-connections";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { flag, oneOf, text, useUrlState } from "@/ui/use-url-state";

const FIELDS = { q: text(), state: oneOf(STATES, null), sort: oneOf(SORTS, "name"), down: flag() };

/** Begun, not waited for: the table has a state of its own while it loads. */
export const loader = (client: QueryClient): void => void client.prefetchQuery(connectionsQuery());

export default function ConnectionsPage() {
  const { data, error, refetch } = useQuery(connectionsQuery());
  const [{ q, state, sort, down }, set] = useUrlState(FIELDS);
  const navigate = useNavigate();
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
  const order = { key: sort, descending: down };
  const rows = data && sorted(fitting(data, q, state), order);
  const isFiltered = q !== "" || state !== null;
  return (
    <Page
      title="Connections"
      subtitle="Where your data comes from, and how each source is doing"
      actions={data?.length !== 0 && <Connect />}
    >
      {(data === undefined || data.length > 0) && (
        <Group gap="sm">
          <TextInput
            placeholder="Search by name, kind or owner"
            aria-label="Search connections"
            leftSection={<IconSearch size={16} />}
            value={q}
            onChange={(event) => set({ q: event.currentTarget.value })}
            flex={1}
            miw={200}
            maw={360}
          />
          <Select
            aria-label="State"
            placeholder="Every state"
            clearable
            data={stateOptions(data)}
            value={state}
            onChange={(next) => set({ state: STATES.find((each) => each === next) ?? null })}
            w={210}
          />
        </Group>
      )}
      <DataTable
        label="Connections"
        columns={connectionColumns(isNarrow)}
        rows={rows}
        rowKey={(connection) => connection.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(connection) => void navigate({ to: `/connections/${connection.id}` })}
        sort={order}
        onSort={({ key, descending }) => set({ sort: SORTS.find((name) => name === key) ?? "name", down: descending })}
        rowHeight={isNarrow ? 116 : 64}
        minWidth={isNarrow ? 340 : 1100}
        empty={isFiltered ? <NoneFits onClear={() => set({ q: "", state: null })} /> : <NoneYet />}
      />
      <FunnelCard />
    </Page>
  );
}

function stateOptions(connections: readonly Connection[] | undefined) {
  return STATES.map((value) => {
    const count = connections?.filter((connection) => stateOf(connection) === value).length;
    return { value, label: count === undefined ? lookOf(value).word : `${lookOf(value).word} (${count})` };
  });
}

function Connect() {
  const may = useMay();
  if (!may("connections.write")) return null;
  return (
    <Button component={Link} to="/connections/new" leftSection={<IconPlus size={16} />}>
      Connect a source
    </Button>
  );
}

function NoneYet() {
  const mayWrite = useMay()("connections.write");
  return (
    <Empty title="No source is connected yet" icon={<IconPlugConnected size={24} stroke={1.6} />} action={<Connect />}>
      {mayWrite
        ? "Connect Salesforce, Supabase, MongoDB or files. The first sync reads a sample, and you decide what is taken."
        : "Owners and admins connect sources. What they bring appears in the views."}
    </Empty>
  );
}

function NoneFits({ onClear }: { onClear: () => void }) {
  return (
    <Empty
      title="No connection fits"
      action={
        <Button variant="default" onClick={onClear}>
          Show all
        </Button>
      }
    >
      Others may, without this search and state.
    </Empty>
  );
}
