/** Every view: how old its data is, and whether that is as it was meant to be. */
import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { connectionsQuery } from "@/api/queries/connections-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { freshnessOf, type Freshness, type View } from "@/features/dashboard/freshness";
import { Panel } from "@/features/dashboard/panel";
import { useNow } from "@/features/dashboard/use-now";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

type Row = View & { freshness: Freshness };

export function FreshnessPanel() {
  const views = useQuery(viewsQuery());
  const connections = useQuery(connectionsQuery());
  const staleSince = useQuery(tenantStateQuery()).data?.stale_since ?? null;
  const now = useNow();
  const navigate = useNavigate();
  const known = connections.data;
  const rows = known && views.data?.map((view) => ({ ...view, freshness: freshnessOf(view, known, staleSince, now) }));
  return (
    <Panel title="Freshness of views" more={{ label: "All views", link: { to: "/views" } }}>
      <DataTable
        label="Freshness of views"
        columns={COLUMNS}
        rows={rows}
        rowKey={(view) => view.name}
        error={views.error ?? connections.error}
        onRetry={() => void Promise.all([views.refetch(), connections.refetch()])}
        onOpen={(view) => void navigate({ to: `/views/${view.name}` })}
        empty={<Empty title="No views">A view appears with the first records of its entity.</Empty>}
        minWidth={760}
        rowHeight={46}
        likely={7}
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "name",
    header: "View",
    cell: ({ name }) => (
      <Anchor component={Link} to={`/views/${name}`} size="sm" fw={600}>
        {name}
      </Anchor>
    ),
  },
  { key: "rows", header: "Rows", width: "100px", align: "right", cell: ({ rows }) => <Figure value={rows} /> },
  { key: "joined", header: "Joined", width: "100px", align: "right", cell: ({ joined }) => <Figure value={joined} /> },
  { key: "sources", header: "Sources", cell: (view) => <Sources view={view} /> },
  { key: "as_of", header: "Data as of", width: "130px", cell: ({ freshness }) => <Moment at={freshness.asOf} /> },
  { key: "next", header: "Next sync", width: "120px", cell: ({ freshness }) => <Next freshness={freshness} /> },
  {
    key: "state",
    header: "State",
    width: "150px",
    cell: ({ freshness }) => (
      <StatusBadge tone={freshness.tone} hint={freshness.why} size="sm">
        {freshness.word}
      </StatusBadge>
    ),
  },
];

function Figure({ value }: { value: number | null }) {
  return value === null ? <Unknown why="Not published yet" /> : formatCount(value);
}

function Moment({ at }: { at: string | null }) {
  return at === null ? <Unknown why="Not every source was read yet" /> : <When at={at} size="sm" />;
}

function Next({ freshness }: { freshness: Freshness }) {
  if (freshness.nextAt !== null) return <When at={freshness.nextAt} size="sm" />;
  return (
    <Text size="sm" c="dimmed">
      none due
    </Text>
  );
}

function Sources({ view }: { view: View }) {
  const names = view.sources.map((source) => source.connection ?? "a deleted connection").join(", ");
  return (
    <Text size="sm" truncate title={names} c={names === "" ? "dimmed" : undefined}>
      {names === "" ? "none yet" : names}
    </Text>
  );
}
