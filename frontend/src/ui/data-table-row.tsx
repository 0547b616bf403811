/** One row of a table. Where rows open, one row at a time can be reached by Tab, the others from there by arrows. */
import type { KeyboardEvent, MouseEvent } from "react";

import type { Column } from "@/ui/data-table-columns";
import classes from "./data-table.module.css";

interface TableRowProps<Row> {
  row: Row;
  index: number;
  columns: readonly Column<Row>[];
  onOpen: ((row: Row) => void) | undefined;
  isFirst: boolean;
}

export function TableRow<Row>({ row, index, columns, onOpen, isFirst }: TableRowProps<Row>) {
  function onClick(event: MouseEvent) {
    if (!isControl(event.target, event.currentTarget)) onOpen?.(row);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row);
  }

  const opens = onOpen !== undefined;
  return (
    <tr
      className={classes.row}
      aria-rowindex={index + 2}
      data-index={index}
      data-opens={opens || undefined}
      tabIndex={opens ? (isFirst ? 0 : -1) : undefined}
      onClick={opens ? onClick : undefined}
      onKeyDown={opens ? onKeyDown : undefined}
    >
      {columns.map((column) => (
        <td key={column.key} data-from={column.from} style={{ textAlign: column.align }}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Buttons and links of a row do what they say; they do not open it. */
function isControl(target: EventTarget, row: EventTarget): boolean {
  if (!(target instanceof Element) || !(row instanceof Element)) return false;
  const control = target.closest("a, button, input, select, textarea, [role=button], [role=menuitem], [role=option]");
  return !row.contains(target) || (control !== null && row.contains(control));
}
