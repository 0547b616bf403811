/** What the address says: which part of the picture is looked at, and what the table is narrowed to. */
import { oneOf, text } from "@/ui/use-url-state";

export const ONTOLOGY_FIELDS = {
  /** The id of a connection, stream, entity or view of the picture; empty: none. */
  node: text(),
  q: text(),
  show: oneOf(["all", "mapped", "unmapped", "held"], "all"),
};
