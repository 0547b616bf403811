/** Every view: how old its data is, and whether that is as it was meant to be. */
import { Anchor, Text, Tooltip, VisuallyHidden } from "@mantine/core";
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
        minWidth={480}
        phoneWidth={300}
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
    cell: ({ name, freshness }) => (
      <>
        <Anchor component={Link} to={`/views/${name}`} size="sm" fw={600} truncate display="block">
          {name}
        </Anchor>
        <Text size="xs" c="dimmed" hiddenFrom="sm" component="div">
          <Moment at={freshness.asOf} size="xs" />
        </Text>
      </>
    ),
  },
  {
    key: "rows",
    header: "Rows",
    width: "76px",
    align: "right",
    from: "sm",
    cell: ({ rows }) => <Figure value={rows} />,
  },
  {
    key: "joined",
    header: "Joined",
    width: "76px",
    align: "right",
    from: "lg",
    cell: ({ joined }) => <Figure value={joined} />,
  },
  {
    key: "sources",
    header: "Sources",
    width: "76px",
    align: "right",
    from: "xl",
    cell: (view) => <Sources view={view} />,
  },
  {
    key: "as_of",
    header: "Data as of",
    width: "130px",
    from: "sm",
    cell: ({ freshness }) => <Moment at={freshness.asOf} />,
  },
  {
    key: "next",
    header: "Next sync",
    width: "108px",
    from: "xl",
    cell: ({ freshness }) => <Next freshness={freshness} />,
  },
  {
    key: "state",
    header: "State",
    width: "122px",
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

function Moment({ at, size = "sm" }: { at: string | null; size?: string }) {
  return at === null ? <Unknown why="Not every source was read yet" /> : <When at={at} size={size} />;
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
    <Tooltip label={names} multiline maw={320} disabled={names === ""}>
      <Text size="sm" span c={names === "" ? "dimmed" : undefined}>
        {names === "" ? "none" : view.sources.length}
        {names !== "" && <VisuallyHidden>: {names}</VisuallyHidden>}
      </Text>
    </Tooltip>
  );
}
