/** What of the queue stands in the address. */
import { REPAIR_KINDS, REPAIR_STATUSES } from "@/ui/change-words";
import { oneOf, text } from "@/ui/use-url-state";

export const QUEUE_FIELDS = {
  tab: oneOf(["open", "refused", "all"], "open"),
  state: oneOf(REPAIR_STATUSES, null),
  kind: oneOf(REPAIR_KINDS, null),
  connection: text(),
  /** Moments: only repairs proposed from the one until before the other. */
  since: text(),
  until: text(),
  /** The replay that a decision began. */
  replay: text(),
};
