/** What of the picture stands in its address: whose events, which of them, and what is open. */
import { AAM_STAGES, DCL_STAGES } from "@/features/flow/places";
import type { LiveEvent } from "@/live/event-stream";
import { oneOf, text, useUrlState } from "@/ui/use-url-state";

/** What stands before the dot of a kind, in the order in which it happens. */
export const THINGS = {
  sync: "Syncs",
  stage: "Stages",
  records: "Held records",
  drift: "Drift",
  hold: "Holds",
  approval: "Approvals",
  mapping: "Mappings",
  repair: "Watched repairs",
  refresh: "Refreshes",
  views: "Publications",
  connection: "Connections",
  onboarding: "Onboarding",
  task: "Tasks",
  contract: "Contracts",
  settings: "Settings",
  events: "Losses",
} as const;

const FIELDS = {
  connection: text(),
  kind: text(),
  event: text(),
  stage: oneOf([...AAM_STAGES, ...DCL_STAGES], null),
};

export function useFlowState() {
  return useUrlState(FIELDS);
}

export function isWanted(event: LiveEvent, connection: string, kind: string): boolean {
  if (kind !== "" && event.kind.split(".")[0] !== kind) return false;
  return connection === "" || event.data["connection_id"] === connection;
}
