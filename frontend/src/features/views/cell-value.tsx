/** One value in a table; a cell without one says so to those who cannot see the dash. */
import { cellText, type Kind } from "@/ui/cell-text";
import classes from "./row-grid.module.css";

/** Longer ones may be cut off by the column, so they are told on hover too; the row tells all of them. */
const LONG = 18;
const MOST_TOLD = 600;

interface CellValueProps {
  value: unknown;
  kind: Kind;
  /** Names by id. */
  connections: ReadonlyMap<string, string>;
}

export function CellValue({ value, kind, connections }: CellValueProps) {
  const text = cellText(value, kind, connections);
  if (text !== "")
    return text.length > LONG ? <span title={text.slice(0, MOST_TOLD)}>{text.slice(0, MOST_TOLD)}</span> : <>{text}</>;
  return (
    <span className={classes.none} role="img" aria-label="no value">
      –
    </span>
  );
}
