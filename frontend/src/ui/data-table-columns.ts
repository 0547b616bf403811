/** What a table shows of a row, and in which order. */
import type { ReactNode } from "react";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** CSS width; columns without one share what is left. */
  width?: string;
  align?: "left" | "right";
  sortable?: boolean;
  /** Left out on screens narrower than this: what it says has to be found elsewhere, such as by opening the row. */
  from?: "xs" | "sm" | "md" | "lg" | "xl";
}

export interface Sort {
  key: string;
  descending: boolean;
}
