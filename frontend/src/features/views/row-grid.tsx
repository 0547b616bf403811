/**
 * The rows of a view: the heading and the first column stay in sight, rows far away are not drawn, and more are asked
 * for before the last one is reached.
 */
import { Loader, UnstyledButton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import type { ColumnActions } from "@/features/views/column-menu";
import type { GridColumn } from "@/features/views/columns";
import { GridHead } from "@/features/views/grid-head";
import { GridRow } from "@/features/views/grid-row";
import type { Row } from "@/features/views/rows-query";
import { useGridKeys, type Place } from "@/features/views/use-grid-keys";
import { SkeletonRows } from "@/ui/data-table-skeleton";
import classes from "./row-grid.module.css";

export const ROW_HEIGHT = 38;

interface RowGridProps {
  view: string;
  columns: readonly GridColumn[];
  /** undefined while the first ones are loaded. */
  rows: readonly Row[] | undefined;
  likely: number;
  connections: ReadonlyMap<string, string>;
  sort: string;
  actions: ColumnActions;
  /** The row that is open. */
  openId: string;
  /** Rows of what was asked before, until those asked for now arrive. */
  isStale: boolean;
  more: "none" | "there" | "loading" | "failed";
  onMore: () => void;
  onOpen: (place: Place) => void;
  onCopy: (place: Place) => void;
}

export function RowGrid(props: RowGridProps) {
  const { view, columns, rows, likely, connections, sort, actions, openId, isStale, more, onMore } = props;
  const { onOpen, onCopy } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const count = rows?.length ?? 0;
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is memoized or handed on
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more === "there" && !isStale && last >= count - 30) onMore();
  }, [more, isStale, last, count, onMore]);

  const keys = useGridKeys({ rows: count, columns: columns.length, reveal: virtual.scrollToIndex, onOpen, onCopy });
  const tabRow = drawn.some(({ index }) => index === keys.active.row) ? keys.active.row : drawn[0]?.index;
  const tabColumn = Math.min(keys.active.column, columns.length - 1);
  const below = virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  const rest = columns.slice(1).reduce((sum, { width }) => sum + width, 0);

  return (
    <div ref={scroller} className={classes.scroller} data-state={rows === undefined ? "loading" : "ready"}>
      <table
        role="grid"
        className={classes.grid}
        style={{ width: `calc(var(--first-width) + ${rest}px)` }}
        aria-label={`Rows of ${view}`}
        aria-rowcount={more === "none" && rows !== undefined ? count + 1 : -1}
        aria-colcount={columns.length}
        aria-busy={rows === undefined || isStale}
        data-stale={isStale || undefined}
      >
        <colgroup>
          {columns.map(({ name, width }, at) => (
            <col key={name} style={{ width: at === 0 ? "var(--first-width)" : width }} />
          ))}
        </colgroup>
        <GridHead view={view} columns={columns} sort={sort} actions={actions} />
        <tbody onKeyDown={keys.onKeyDown} onFocus={keys.onFocus}>
          {rows === undefined && <SkeletonRows columns={columns.length} rows={likely} />}
          {(drawn[0]?.start ?? 0) > 0 && <tr aria-hidden style={{ height: drawn[0]?.start }} />}
          {drawn.map(({ index }) => {
            const row = rows?.[index];
            return row === undefined ? null : (
              <GridRow
                // By its place: an answer to another question fills the rows that stand there, and none moves.
                key={index}
                row={row}
                index={index}
                columns={columns}
                connections={connections}
                isOpen={openId !== "" && row["_entity_id"] === openId}
                tabColumn={index === tabRow ? tabColumn : null}
                onOpen={onOpen}
              />
            );
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
      {(more === "loading" || more === "failed") && <MoreRows failed={more === "failed"} onMore={onMore} />}
    </div>
  );
}

function MoreRows({ failed, onMore }: { failed: boolean; onMore: () => void }) {
  return (
    <div className={classes.more} role="status">
      {failed ? (
        <>
          More rows could not be loaded.
          <UnstyledButton fz="xs" fw={650} td="underline" onClick={onMore}>
            Try again
          </UnstyledButton>
        </>
      ) : (
        <>
          <Loader size={14} /> Loading more rows
        </>
      )}
    </div>
  );
}
