/** A view that is there: its tools, its rows, and the row that is open. */
import { Button, Stack } from "@mantine/core";
import { IconTable } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import type { ColumnCoverage } from "@/api/queries/coverage-query";
import type { View } from "@/api/queries/views-query";
import type { Asked } from "@/features/views/asked";
import { columnTitle, defaultColumns, filledOf } from "@/features/views/columns";
import { VIEW_FIELDS } from "@/features/views/fields";
import type { Editing } from "@/features/views/filter-pills";
import { GridTools } from "@/features/views/grid-tools";
import { ListingStatus } from "@/features/views/listing-status";
import { RowDrawer } from "@/features/views/row-drawer";
import { RowsPanel } from "@/features/views/rows-panel";
import { useListing } from "@/features/views/use-listing";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { PageLink } from "@/ui/page-link";
import { orNone } from "@/ui/texts-field";
import { useUrlState } from "@/ui/use-url-state";

interface OpenedViewProps {
  view: View;
  /** Whether it was asked for since the page was opened; until then it may be of an earlier visit. */
  isSettled: boolean;
  /** undefined: it could not be counted. */
  counted: readonly ColumnCoverage[] | undefined;
}

export function OpenedView({ view, isSettled, counted }: OpenedViewProps) {
  const subtitle = (
    <>
      <PageLink to="/views">All views</PageLink> · rows of the entity {view.entity}
      {view.joined !== null && view.joined > 0 && ", joined over sources"}
    </>
  );
  return (
    <Page title={columnTitle(view.name)} subtitle={subtitle}>
      {view.snapshot_id === null ? (
        <Unpublished />
      ) : (
        <Listing view={view} isSettled={isSettled} newest={view.snapshot_id} counted={counted} />
      )}
    </Page>
  );
}

function Listing({ view, isSettled, newest, counted }: OpenedViewProps & { newest: number }) {
  const [search, set] = useUrlState(VIEW_FIELDS);
  // What was newest when it was opened stays: rows do not move while somebody reads them.
  const [kept, setPinned] = useState(isSettled ? view : null);
  if (kept === null && isSettled) setPinned(view);
  const pinned = kept ?? view;
  const [editing, setEditing] = useState<Editing | null>(null);
  const filled = useMemo(() => filledOf(counted), [counted]);
  const [ownColumns] = useState(() => defaultColumns(view, filled));
  const chosen = useMemo(
    () => search.columns.filter((name) => view.columns.some((column) => column.name === name)),
    [search.columns, view.columns],
  );
  const columns = chosen.length === 0 ? ownColumns : chosen;
  const snapshotId = search.as_of === 0 ? (pinned.snapshot_id ?? newest) : search.as_of;
  const asked: Asked = { view: view.name, q: search.q, where: search.where, sort: search.sort, snapshotId };
  const listing = useListing(asked, columns);
  const ids = useMemo(() => (listing.rows ?? []).map((row) => String(row["_entity_id"])), [listing.rows]);
  const connections = useMemo(
    () => new Map(view.sources.map((one) => [one.connection_id, one.connection ?? "deleted connection"])),
    [view.sources],
  );

  function showNewest() {
    setPinned(view);
    set({ as_of: 0 });
  }

  return (
    <Stack gap="sm">
      <GridTools
        view={view}
        asked={asked}
        columns={columns}
        connections={connections}
        filled={filled}
        editing={editing}
        onEdit={setEditing}
        onColumns={(names) => set({ columns: orNone(names) })}
        onReset={chosen.length === 0 ? null : () => set({ columns: orNone([]) })}
      />
      <ListingStatus
        view={search.as_of === 0 ? pinned : view}
        asked={asked}
        listing={listing}
        isPast={search.as_of !== 0}
        isNewer={search.as_of === 0 && newest !== pinned.snapshot_id}
        onNewest={showNewest}
      />
      <RowsPanel
        view={view}
        asked={asked}
        columns={columns}
        connections={connections}
        listing={listing}
        onFilter={(column) => setEditing({ column })}
        onNewest={showNewest}
      />
      <RowDrawer view={view} ids={ids} snapshotId={snapshotId} connections={connections} />
    </Stack>
  );
}

function Unpublished() {
  return (
    <Empty
      title="This view is not published yet"
      icon={<IconTable size={24} stroke={1.6} />}
      action={
        <Button variant="default" renderRoot={(props) => <Link to="/connections" {...props} />}>
          Go to connections
        </Button>
      }
    >
      It fills after the first sync of a connection with a stream that is mapped onto it.
    </Empty>
  );
}
