/** One value in a table; a cell without one says so to those who cannot see the dash. */
import { cellText, type Kind } from "@/features/views/cell-text";
import classes from "./row-grid.module.css";

interface CellValueProps {
  value: unknown;
  kind: Kind;
  /** Names by id. */
  connections: ReadonlyMap<string, string>;
}

export function CellValue({ value, kind, connections }: CellValueProps) {
  const text = cellText(value, kind, connections);
  if (text !== "") return <>{text}</>;
  return (
    <span className={classes.none} role="img" aria-label="no value">
      –
    </span>
  );
}
