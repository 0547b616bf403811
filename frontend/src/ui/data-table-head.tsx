/** The heading of a table; columns that can be sorted by are buttons. */
import { UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";

import type { Column, Sort } from "@/ui/data-table-columns";
import classes from "./data-table.module.css";

interface TableHeadProps<Row> {
  columns: readonly Column<Row>[];
  sort: Sort | null;
  onSort: ((sort: Sort) => void) | undefined;
}

export function TableHead<Row>({ columns, sort, onSort }: TableHeadProps<Row>) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => {
          const direction = sort?.key === column.key ? (sort.descending ? "descending" : "ascending") : "none";
          const canSort = column.sortable === true && onSort !== undefined;
          const Icon = direction === "none" ? IconArrowsSort : direction === "ascending" ? IconArrowUp : IconArrowDown;
          return (
            <th
              key={column.key}
              scope="col"
              data-from={column.from}
              style={{ width: column.width, textAlign: column.align }}
              aria-sort={canSort ? direction : undefined}
            >
              {canSort ? (
                <UnstyledButton
                  className={classes.sort}
                  onClick={() => onSort({ key: column.key, descending: direction === "ascending" })}
                >
                  {column.header}
                  <Icon size={14} data-active={direction !== "none" || undefined} aria-hidden />
                </UnstyledButton>
              ) : (
                column.header || <VisuallyHidden>What can be done</VisuallyHidden>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
