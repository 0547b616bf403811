/**
 * Rows in columns: the heading stays, rows far away are not drawn, arrows move between rows and Enter opens one.
 * Sorting is asked for by `onSort` and done by whoever has all rows, which is the API.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, type CSSProperties, type ReactNode } from "react";

import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { TableHead } from "@/ui/data-table-head";
import { TableRow } from "@/ui/data-table-row";
import type { Column, Sort } from "@/ui/data-table-columns";
import { SkeletonRows } from "@/ui/data-table-skeleton";
import { moveFocus } from "@/ui/row-focus";
import classes from "./data-table.module.css";

export type { Column, Sort };

interface DataTableProps<Row> {
  /** What the table holds, for those who do not see it. */
  label: string;
  columns: readonly Column<Row>[];
  /** undefined while they are loaded. */
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  error?: unknown;
  onRetry?: () => void;
  empty?: ReactNode;
  onOpen?: (row: Row) => void;
  sort?: Sort | null;
  onSort?: (sort: Sort) => void;
  /** Pixels; at most this high, then it scrolls. */
  maxHeight?: number | string;
  rowHeight?: number;
  minWidth?: number;
  /** On a phone, where columns are left out. */
  phoneWidth?: number;
  /** Called when the last rows come near, to load more. */
  onEnd?: () => void;
  /** How many rows a table that still loads is likely to have. */
  likely?: number;
}

const VIRTUAL_FROM = 100;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, error, onRetry, empty, onOpen, sort, onSort, onEnd } = props;
  const { maxHeight, rowHeight = 48, minWidth = 640, phoneWidth = minWidth, likely = 6 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const count = rows?.length ?? 0;
  const isVirtual = count > VIRTUAL_FROM;
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is memoized or handed on
  const virtual = useVirtualizer({
    count: isVirtual ? count : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    onChange: (instance) => {
      const last = instance.getVirtualItems().at(-1);
      if (last !== undefined && last.index >= count - 20) onEnd?.();
    },
  });

  if (error !== undefined && error !== null && rows === undefined) return <Failure error={error} onRetry={onRetry} />;
  if (rows?.length === 0) return <>{empty ?? <Empty title="Nothing here" />}</>;

  const shown = isVirtual ? virtual.getVirtualItems().map(({ index }) => index) : [...Array(count).keys()];
  const above = isVirtual ? (virtual.getVirtualItems()[0]?.start ?? 0) : 0;
  const below = isVirtual ? virtual.getTotalSize() - (virtual.getVirtualItems().at(-1)?.end ?? 0) : 0;
  const height = maxHeight ?? (isVirtual ? "70vh" : undefined);

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      // Without rows that take the focus, the keys have to be able to scroll it.
      tabIndex={onOpen === undefined ? 0 : undefined}
      role="group"
      aria-label={label}
      style={{ maxHeight: height }}
      data-state={rows === undefined ? "loading" : "ready"}
    >
      <table
        className={classes.table}
        style={
          {
            "--row-height": `${rowHeight}px`,
            "--least-width": `${minWidth}px`,
            "--phone-width": `${phoneWidth}px`,
          } as CSSProperties
        }
        aria-label={label}
        aria-rowcount={rows === undefined ? -1 : count + 1}
        aria-busy={rows === undefined}
      >
        <TableHead columns={columns} sort={sort ?? null} onSort={onSort} />
        <tbody onKeyDown={(event) => moveFocus(event, (index) => isVirtual && virtual.scrollToIndex(index), count)}>
          {rows === undefined && (
            <SkeletonRows columns={columns.length} rows={likely} from={columns.map(({ from }) => from)} />
          )}
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {shown.map((index) => {
            const row = rows?.[index];
            if (row === undefined) return null;
            return (
              <TableRow
                key={rowKey(row)}
                row={row}
                index={index}
                columns={columns}
                onOpen={onOpen}
                isFirst={index === shown[0]}
              />
            );
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  );
}
