/** The tables on the way to a view, drawn and listed. */
import { Text } from "@mantine/core";
import { IconGitBranch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { Beside } from "@/features/lineage/beside";
import { ColumnsPanel } from "@/features/lineage/columns-panel";
import { LineagePicture } from "@/features/lineage/lineage-picture";
import { tableLineageQuery, type TableNode } from "@/features/lineage/table-lineage-query";
import { STAGES, tablePicture } from "@/features/lineage/table-picture";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { PictureSkeleton } from "@/ui/picture-skeleton";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

const COLUMNS: Column<TableNode>[] = [
  { key: "stage", header: "Step", width: "170px", cell: ({ stage }) => STAGES[stage].word },
  { key: "name", header: "Table", width: "34%", cell: (node) => <Name node={node} /> },
  {
    key: "rows",
    header: "Rows",
    width: "110px",
    align: "right",
    cell: ({ rows }) => (rows === null ? <Unknown why="Nothing is published yet" /> : formatCount(rows)),
  },
  {
    key: "version",
    header: "Mapping",
    width: "100px",
    align: "right",
    cell: ({ mapping_version }) => (mapping_version === null ? "" : mapping_version),
  },
  { key: "run", header: "Last run", width: "200px", cell: (node) => <LastRun node={node} /> },
];

const GAP = 68;

export function TablesPanel({ view }: { view: string }) {
  const { data, error, refetch } = useQuery(tableLineageQuery(view));
  const may = useMay();
  const connections = useQuery({ ...connectionsQuery(), enabled: may("connections.read") });
  const names = useMemo(() => new Map((connections.data ?? []).map(({ id, name }) => [id, name])), [connections.data]);
  const picture = useMemo(() => data && tablePicture(data, names), [data, names]);

  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data !== undefined && !data.nodes.some(({ stage }) => stage === "raw")) {
    return (
      <Empty title="No stream fills this view yet" icon={<IconGitBranch size={24} stroke={1.6} />}>
        Streams that fit are mapped onto it by themselves when a <PageLink to="/connections">connection</PageLink>{" "}
        syncs.
      </Empty>
    );
  }
  if (data === undefined || picture === undefined) return <PictureSkeleton />;
  return (
    <>
      <Beside
        picture={
          <LineagePicture
            label={`Tables from the sources to ${view}; the table lists them`}
            cards={picture.cards}
            flows={picture.flows}
            gap={GAP}
          />
        }
        table={
          <DataTable
            label={`Tables on the way to ${view}`}
            columns={COLUMNS}
            rows={data.nodes}
            rowKey={({ id }) => id}
            rowHeight={44}
            minWidth={720}
          />
        }
      />
      <ColumnsPanel view={view} />
    </>
  );
}

function Name({ node: { stage, name, connection_id } }: { node: TableNode }) {
  const to =
    stage === "view"
      ? `/views/${encodeURIComponent(name)}`
      : connection_id === null
        ? null
        : `/connections/${connection_id}`;
  if (to === null) return <Text size="sm">{name}</Text>;
  return (
    <PageLink to={to} size="sm" fw={600} underline="hover">
      {name}
    </PageLink>
  );
}

/** The raw table's newest sync, and the view's publication; the steps between run with the latter. */
function LastRun({ node: { stage, last_run_at, last_run_status } }: { node: TableNode }) {
  if (stage === "canonical" || stage === "clusters") {
    return (
      <Text size="sm" c="dimmed">
        with the view
      </Text>
    );
  }
  if (last_run_at === null) {
    return last_run_status === null ? <Unknown why="It never ran" /> : <Text size="sm">{last_run_status}</Text>;
  }
  return (
    <Text size="sm">
      <When at={last_run_at} size="sm" />
      {last_run_status !== null && `, ${last_run_status}`}
    </Text>
  );
}
