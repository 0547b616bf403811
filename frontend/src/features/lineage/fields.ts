/** What the address says: a view, one of its columns where that one is followed, and the row one came from. */
import { text, whole } from "@/ui/use-url-state";

export const LINEAGE_FIELDS = {
  view: text(),
  column: text(),
  q: text(),
  /** A row whose value is followed; empty: the column of all rows. */
  row: text(),
  /** The publication of that row; 0: the newest. */
  as_of: whole(0),
};
