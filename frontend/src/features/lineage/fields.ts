/** What the address says: a view, and one of its columns where that one is followed. */
import { text } from "@/ui/use-url-state";

export const LINEAGE_FIELDS = { view: text(), column: text(), q: text() };
