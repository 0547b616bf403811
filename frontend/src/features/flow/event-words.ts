/** An event in the words of people: `Extract finished`, `Views published`, `Repair approved`. */
import { isStage, STAGE_WORDS } from "@/features/flow/places";
import type { LiveEvent } from "@/live/event-stream";

const WHOLE: Record<string, string> = {
  "events.lost": "Events lost",
  "sync.requested": "Sync asked for",
  "sync.stream": "Stream read",
  "sync.note": "Note",
  "refresh.failed": "Rebuilding the views failed",
  "refresh.canceled": "Rebuilding the views given up",
  "drift.evolved": "Drift taken over by policy",
  "drift.accepted": "Drift taken over",
  "approval.opened": "Repair waits for a person",
  "approval.escalated": "Repair still waits",
  "approval.voted": "First of two approved",
  "approval.chosen": "Other candidate chosen",
  "approval.edited": "Mapping written by a person",
  "approval.undone": "Repair taken back",
  "mapping.applied": "Mapping in force",
  "mapping.rolled_back": "Earlier mapping in force",
  "repair.passed": "Repair stays",
  "connection.held": "Connection in Safe Mode",
  "connection.safe_mode_lifted": "Safe Mode lifted",
  "connection.stream_set": "Stream set up",
  "onboarding.refused": "Source not connected",
  "onboarding.dropped": "Intent forgotten",
  "task.requested": "Task asked for",
};
const THINGS: Record<string, string> = { approval: "Repair", settings: "Repair settings" };
const HAPPENED: Record<string, string> = { canceled: "given up" };

export function headlineOf({ kind, data }: LiveEvent): string {
  const [thing = "", happened = ""] = kind.split(".");
  const stage = data["stage"];
  if (thing === "stage" && isStage(stage)) return `${STAGE_WORDS[stage].title} ${happened}`;
  const whole = WHOLE[kind];
  if (whole !== undefined) return whole;
  const name = THINGS[thing] ?? `${thing.charAt(0).toUpperCase()}${thing.slice(1)}`;
  return `${name} ${HAPPENED[happened] ?? happened.replaceAll("_", " ")}`;
}
