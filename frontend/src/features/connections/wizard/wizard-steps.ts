/** The steps from a kind of source to its rows in a view, and where one stands, as the address has it. */
import { oneOf, text } from "@/ui/use-url-state";

export const STEPS = ["kind", "source", "streams", "preview", "mapping", "schedule", "sync"] as const;
export type Step = (typeof STEPS)[number];

export const STEP_TITLES: Record<Step, string> = {
  kind: "Kind",
  source: "Source",
  streams: "Streams",
  preview: "Records",
  mapping: "Mapping",
  schedule: "Schedule",
  sync: "First sync",
};

/** `connection` is there from the moment it is connected; `intent` is one whose fields the form begins with. */
export const FIELDS = {
  step: oneOf(STEPS, "kind"),
  kind: text(),
  connection: text(),
  intent: text(),
  stream: text(),
  sync: text(),
};

export interface Place {
  step: Step;
  kind: string;
  connection: string;
  intent: string;
  stream: string;
  sync: string;
}

/** The nearest step that can be shown with what the address holds. */
export function reachable({ step, kind, connection, sync }: Place): Step {
  if (connection === "") return kind === "" || step === "kind" ? "kind" : "source";
  if (step === "kind" || step === "source") return "streams";
  return step === "sync" && sync === "" ? "schedule" : step;
}
