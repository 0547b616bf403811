/** One row of the grid. A click opens it at the cell that was clicked. */
import { memo } from "react";

import { CellValue } from "@/features/views/cell-value";
import { isRight } from "@/ui/cell-text";
import type { GridColumn } from "@/features/views/columns";
import type { Row } from "@/features/views/rows-query";
import type { Place } from "@/features/views/use-grid-keys";
import classes from "./row-grid.module.css";

interface GridRowProps {
  row: Row;
  index: number;
  columns: readonly GridColumn[];
  connections: ReadonlyMap<string, string>;
  isOpen: boolean;
  /** The column that Tab reaches; null where it is another row's. */
  tabColumn: number | null;
  onOpen: (place: Place) => void;
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, index, columns, connections, isOpen, tabColumn, onOpen } = props;

  function open(column: number) {
    // Whoever marks text wants to copy it.
    if ((window.getSelection()?.toString() ?? "") === "") onOpen({ row: index, column });
  }

  return (
    <tr className={classes.row} aria-rowindex={index + 2} aria-selected={isOpen}>
      {columns.map((column, at) => (
        <td
          key={column.name}
          role="gridcell"
          aria-colindex={at + 1}
          className={at === 0 ? classes.first : undefined}
          style={{ textAlign: isRight(column.type) ? "right" : undefined }}
          data-place={`${index}:${at}`}
          tabIndex={at === tabColumn ? 0 : -1}
          onClick={() => open(at)}
        >
          <CellValue value={row[column.name]} kind={column.type} connections={connections} />
        </td>
      ))}
    </tr>
  );
});
