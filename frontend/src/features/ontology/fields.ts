/** What the address says: which stream is looked at, and what the table is narrowed to. */
import { oneOf, text } from "@/ui/use-url-state";

export const ONTOLOGY_FIELDS = {
  /** The id of a stream's node; empty: none. */
  stream: text(),
  q: text(),
  show: oneOf(["all", "mapped", "unmapped", "held"], "all"),
};
