/** What the address of a view says, so that a link shows the same rows. */
import { texts } from "@/ui/texts-field";
import { oneOf, text, whole } from "@/ui/use-url-state";

export const VIEW_FIELDS = {
  q: text(),
  where: texts(),
  sort: text(),
  /** Columns in their order; empty: those that hold something. */
  columns: texts(),
  /** A publication; 0: the newest. */
  as_of: whole(0),
  /** The row that is open, and which of its cells. */
  row: text(),
  cell: text(),
  /** Of the source records: as the view reads them, or as they came. */
  side: oneOf(["read", "raw"], "read"),
  tab: oneOf(["values", "sources", "history"], "values"),
};
