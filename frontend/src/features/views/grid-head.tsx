/** The headings of the grid: a click orders by a column, with Shift after what it is ordered by already. */
import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";

import { columnTitle, type GridColumn } from "@/features/views/columns";
import { ColumnMenu, type ColumnActions } from "@/features/views/column-menu";
import { nextSort, readSort } from "@/features/views/sort";
import { isRight } from "@/ui/cell-text";
import classes from "./row-grid.module.css";

interface GridHeadProps {
  view: string;
  columns: readonly GridColumn[];
  sort: string;
  actions: ColumnActions;
}

export function GridHead({ view, columns, sort, actions }: GridHeadProps) {
  const order = readSort(sort);
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column, at) => {
          const place = order.findIndex((by) => by.column === column.name);
          const by = order[place];
          const direction = by === undefined ? "none" : by.descending ? "descending" : "ascending";
          const Icon = direction === "descending" ? IconArrowDown : IconArrowUp;
          return (
            <th key={column.name} scope="col" aria-colindex={at + 1} aria-sort={isList(column) ? undefined : direction}>
              <div className={classes.head} data-right={isRight(column.type) || undefined}>
                <UnstyledButton
                  className={classes.sort}
                  disabled={isList(column)}
                  title={column.description ?? undefined}
                  onClick={(event) => actions.onSort(nextSort(sort, column.name, event.shiftKey))}
                >
                  <span>{columnTitle(column.name)}</span>
                  {direction !== "none" && <Icon size={13} aria-hidden />}
                  {order.length > 1 && place >= 0 && <small aria-hidden>{place + 1}</small>}
                </UnstyledButton>
                <ColumnMenu view={view} column={column} actions={actions} isOnly={columns.length === 1} />
              </div>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function isList({ type }: Pick<GridColumn, "type">): boolean {
  return type === "texts" || type === "sources";
}
