/** The rows, or why there are none. */
import { Alert, Button, Group } from "@mantine/core";
import { IconClockOff } from "@tabler/icons-react";
import { useCallback, useMemo } from "react";

import type { View } from "@/api/queries/views-query";
import { isNarrowed, type Asked } from "@/features/views/asked";
import { plainText } from "@/ui/cell-text";
import { gridColumns } from "@/features/views/columns";
import { VIEW_FIELDS } from "@/features/views/fields";
import { RowGrid } from "@/features/views/row-grid";
import type { Place } from "@/features/views/use-grid-keys";
import type { useListing } from "@/features/views/use-listing";
import { useWidths } from "@/features/views/use-widths";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { notifyDone, notifyFailure } from "@/ui/notify";
import { orNone } from "@/ui/texts-field";
import { useUrlState } from "@/ui/use-url-state";

const MOST_LIKELY = 14;

interface RowsPanelProps {
  view: View;
  asked: Asked;
  columns: readonly string[];
  connections: ReadonlyMap<string, string>;
  listing: ReturnType<typeof useListing>;
  onFilter: (column: string) => void;
  onNewest: () => void;
}

export function RowsPanel({ view, asked, columns, connections, listing, onFilter, onNewest }: RowsPanelProps) {
  const [search, set] = useUrlState(VIEW_FIELDS);
  const { rows, fetchMore } = listing;
  const widths = useWidths(view, rows, connections);
  const shown = useMemo(() => gridColumns(view, columns, widths), [view, columns, widths]);
  const open = useCallback(
    ({ row, column }: Place) => {
      const id = rows?.[row]?.["_entity_id"];
      if (typeof id === "string") set({ row: id, cell: shown[column]?.name ?? "", tab: "values" }, true);
    },
    [rows, shown, set],
  );
  const copy = ({ row, column }: Place) => {
    const text = plainText(rows?.[row]?.[shown[column]?.name ?? ""]);
    navigator.clipboard.writeText(text).then(() => notifyDone("The cell is copied."), notifyFailure);
  };
  const more = useCallback(() => void fetchMore(), [fetchMore]);

  if (listing.isGone && (rows === undefined || listing.isStale)) return <Gone onNewest={onNewest} />;
  if (listing.error !== null && (rows === undefined || listing.isStale)) {
    return <Failure error={listing.error} onRetry={() => void listing.refetch()} />;
  }
  if (rows?.length === 0 && !listing.isStale) {
    return <NoRows isNarrowed={isNarrowed(asked)} onWiden={() => set({ q: "", where: orNone([]) })} />;
  }
  return (
    <>
      {listing.isGone && <Gone onNewest={onNewest} />}
      <RowGrid
        view={view.name}
        columns={shown}
        rows={rows}
        likely={Math.min(MOST_LIKELY, view.rows ?? MOST_LIKELY)}
        connections={connections}
        sort={search.sort}
        actions={{
          onSort: (sort) => set({ sort }),
          onFilter,
          onHide: (name) => set({ columns: columns.filter((each) => each !== name) }),
        }}
        openId={search.row}
        isStale={listing.isStale}
        more={listing.isGone ? "none" : listing.more}
        onMore={more}
        onOpen={open}
        onCopy={copy}
      />
    </>
  );
}

function NoRows({ isNarrowed: hasFilters, onWiden }: { isNarrowed: boolean; onWiden: () => void }) {
  if (!hasFilters) {
    return <Empty title="This view has no rows">Nothing that was synced is mapped onto it so far.</Empty>;
  }
  const widen = (
    <Button variant="default" onClick={onWiden}>
      Clear filters and search
    </Button>
  );
  return (
    <Empty title="No row fits" action={widen}>
      Each filter and the search leave rows out; together they leave none.
    </Empty>
  );
}

function Gone({ onNewest }: { onNewest: () => void }) {
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconClockOff size={18} />}
      title="This publication cannot be read any more"
      role="alert"
    >
      <Group justify="space-between" gap="sm">
        Publications are kept for a while only, and this one does not hold the view or is gone.
        <Button size="xs" variant="default" onClick={onNewest}>
          Show the newest
        </Button>
      </Group>
    </Alert>
  );
}
