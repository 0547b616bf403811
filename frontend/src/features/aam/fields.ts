/** What of the monitor stands in the address. */
import { CHANGE_KINDS, SEVERITIES } from "@/ui/change-words";
import { oneOf, text } from "@/ui/use-url-state";

export const TABS = ["overview", "drift", "fingerprints", "llm"] as const;

export const FIELDS = {
  tab: oneOf(TABS, "overview"),
  span: oneOf(["24h", "7d", "30d", "90d", "365d"], "30d"),
  /** What the bars of the drift timeline are made of. */
  by: oneOf(["severity", "kind"], "severity"),
  connection: text(),
  stream: text(),
  kind: oneOf(CHANGE_KINDS, null),
  severity: oneOf(SEVERITIES, null),
  status: oneOf(["open", "resolved"], null),
  /** The beginning of a step of time: only drift seen within it. */
  at: text(),
  /** The drift event whose evidence is open. */
  drift: text(),
  /** The shape that is open, and what it is compared with: the approved one when empty. */
  shape: text(),
  against: text(),
};
