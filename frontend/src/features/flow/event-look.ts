/** An event in a list: how it looks, what it is about, and where the thing is. */
import type { LiveEvent } from "@/live/event-stream";
import { formatCount, formatSeconds } from "@/ui/numbers";
import type { Tone } from "@/ui/tones";

const TONES: Record<string, Tone> = {
  failed: "bad",
  lost: "bad",
  "drift.seen": "warning",
  "drift.refused": "warning",
  "drift.reopened": "warning",
  "records.held": "warning",
  placed: "warning",
  "approval.opened": "waiting",
  "approval.escalated": "waiting",
  "approval.voted": "waiting",
  "approval.rejected": "off",
  "onboarding.refused": "warning",
  rolled_back: "careful",
  undone: "careful",
  succeeded: "good",
  finished: "good",
  published: "good",
  applied: "good",
  approved: "good",
  chosen: "good",
  edited: "good",
  repaired: "good",
  released: "good",
  passed: "good",
  canceled: "off",
  paused: "off",
};

/** What is going on or merely told has no judgement in it. */
export function toneOf(kind: string): Tone {
  return TONES[kind] ?? TONES[kind.split(".")[1] ?? ""] ?? "unknown";
}

const COUNTS = ["read", "loaded", "rejected", "held", "records", "meanings", "asked", "new_versions", "open"];
// Said even where they are nought: that nothing was loaded is told, that nothing was held is not.
const ALWAYS = ["read", "loaded", "records"];

/** `contacts · 1,204 read, 1,200 loaded · 1.2 s`: what the data says in figures and names. */
export function detailsOf({ kind, data }: LiveEvent): string {
  const names = ["stream", "entity", "name", "change", "message", "reason"].map((field) => data[field]).filter(isText);
  const counts = COUNTS.flatMap((field) => {
    const value = data[field];
    if (typeof value !== "number" || (value === 0 && !ALWAYS.includes(field))) return [];
    return `${formatCount(value)} ${field.replaceAll("_", " ")}`;
  });
  const seconds = data["seconds"];
  const took = typeof seconds === "number" ? formatSeconds(seconds) : "";
  return [...names, ...changesOf(data["changes"]), ...published(kind, data), counts.join(", "), took]
    .filter((part) => part !== "")
    .join(" · ");
}

function changesOf(changes: unknown): string[] {
  const count = Array.isArray(changes) ? changes.length : changes;
  if (typeof count !== "number" || count === 0) return [];
  return [`${formatCount(count)} ${count === 1 ? "change" : "changes"}`];
}

function published(kind: string, { snapshot_id: snapshot, views }: LiveEvent["data"]): string[] {
  const count =
    kind === "views.published" && typeof views === "object" && views !== null ? Object.keys(views).length : 0;
  return [
    ...(typeof snapshot === "number" ? [`snapshot ${snapshot}`] : []),
    ...(count > 0 ? [`${formatCount(count)} ${count === 1 ? "view" : "views"}`] : []),
  ];
}

export interface EventLink {
  to: string;
  search?: Record<string, unknown>;
  label: string;
}

/** Null for an event that leads nowhere, such as one about a connection that is gone. */
export function linkOf({ kind, data }: LiveEvent): EventLink | null {
  const thing = kind.split(".")[0];
  const connection = idIn(data, "connection_id");
  const proposal = idIn(data, "proposal_id");
  const drift = idIn(data, "drift_id");
  const task = idIn(data, "task_id") ?? undefined;
  if (thing === "task") return { to: "/activity", search: { tab: "tasks", task }, label: "Open the task" };
  if (thing === "views" || thing === "refresh") return { to: "/views", label: "Open the views" };
  if (thing === "onboarding") return { to: "/connections", label: "Open the connections" };
  if (thing === "settings" || thing === "contract") return { to: "/settings", label: "Open the settings" };
  if (proposal !== null && (thing === "approval" || thing === "drift"))
    return { to: `/approvals/${proposal}`, label: "Open the repair" };
  if (drift !== null) return { to: "/aam", search: { tab: "drift", drift }, label: "Open the drift" };
  if (connection === null || kind === "connection.deleted") return null;
  return { to: `/connections/${connection}`, ...partOfConnection(thing, data) };
}

/** Which of a connection's tabs tells more. */
function partOfConnection(thing: string | undefined, data: Record<string, unknown>): Omit<EventLink, "to"> {
  const sync = idIn(data, "sync_run_id");
  if (thing === "mapping" || thing === "approval" || thing === "repair")
    return { search: { tab: "mappings", mapping: idIn(data, "stream") ?? undefined }, label: "Open the mapping" };
  if (thing === "records") return { search: { tab: "rejects" }, label: "Open the rejects" };
  if (sync !== null) return { search: { tab: "runs", run: sync }, label: "Open the sync" };
  return { label: "Open the connection" };
}

function idIn(data: Record<string, unknown>, field: string): string | null {
  const value = data[field];
  return typeof value === "string" && value !== "" ? value : null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
