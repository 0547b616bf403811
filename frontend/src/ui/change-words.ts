/** Kinds of change, how grave they are, and what became of repairs: in words and tones, for every page alike. */
import type { Schemas } from "@/api/types";
import type { Tone } from "@/ui/tones";

export type ChangeKind = Schemas["DriftOut"]["kind"];
export type RepairKind = Schemas["ApprovalOut"]["kind"];
export type Severity = Schemas["DriftOut"]["severity"];
export type RepairStatus = Schemas["ApprovalOut"]["status"];

export const CHANGE_KINDS = [
  "added", "removed", "renamed", "split", "merged", "swapped", "retyped", "nullability", "format", "unit", "enum",
  "currency", "locale", "null_rate", "volume", "stream_added", "stream_removed", "stream_renamed",
] as const satisfies readonly ChangeKind[]; // prettier-ignore

export const REPAIR_KINDS = [...CHANGE_KINDS, "written"] as const satisfies readonly RepairKind[];

const KIND_NAMES: Record<RepairKind, string> = {
  added: "Added",
  removed: "Removed",
  renamed: "Renamed",
  split: "Split",
  merged: "Merged",
  swapped: "Swapped",
  retyped: "Other type",
  nullability: "Nullability",
  format: "Format",
  unit: "Unit",
  enum: "Coded values",
  currency: "Currency",
  locale: "Number style",
  null_rate: "Share of empty values",
  volume: "Volume",
  stream_added: "Stream added",
  stream_removed: "Stream removed",
  stream_renamed: "Stream renamed",
  written: "Written by a person",
};

export function kindName(kind: RepairKind): string {
  return KIND_NAMES[kind];
}

export const SEVERITIES = ["breaking", "warning", "info"] as const satisfies readonly Severity[];

export const SEVERITY_LOOK: Record<Severity, { tone: Tone; word: string; colour: string }> = {
  breaking: { tone: "bad", word: "breaking", colour: "red.6" },
  warning: { tone: "warning", word: "warning", colour: "yellow.6" },
  info: { tone: "unknown", word: "info", colour: "gray.5" },
};

export const REPAIR_STATUSES = [
  "open", "refused", "applied", "approved", "rejected", "superseded", "undone", "rolled_back",
] as const satisfies readonly RepairStatus[]; // prettier-ignore

export const REPAIR_LOOK: Record<RepairStatus, { tone: Tone; word: string; means: string; colour: string }> = {
  open: { tone: "waiting", word: "waits", means: "A person is asked.", colour: "insight.5" },
  refused: {
    tone: "unknown",
    word: "too unsure",
    means: "Too unsure to ask for; it may be decided all the same.",
    colour: "gray.5",
  },
  applied: { tone: "good", word: "applied", means: "Policy put it in force by itself.", colour: "source.5" },
  approved: { tone: "good", word: "approved", means: "A person put it in force.", colour: "entity.5" },
  rejected: { tone: "bad", word: "rejected", means: "A person kept the mapping as it was.", colour: "red.6" },
  superseded: { tone: "off", word: "superseded", means: "Newer evidence took its place.", colour: "gray.7" },
  undone: { tone: "careful", word: "undone", means: "A person took it back.", colour: "orange.5" },
  rolled_back: {
    tone: "careful",
    word: "rolled back",
    means: "The mapping of before is in force again.",
    colour: "yellow.6",
  },
};

/** What happened at the source, in one sentence. */
export function changeInWords(kind: RepairKind, before: readonly string[], after: readonly string[]): string {
  const old = named(before);
  const now = named(after);
  switch (kind) {
    case "renamed":
      return `${old} is called ${now} now.`;
    case "split":
      return `${old} comes in parts now: ${now}.`;
    case "merged":
      return `${old} come as one now: ${now}.`;
    case "swapped":
      return `${old || now} changed places.`;
    case "added":
      return `${now} is new.`;
    case "removed":
      return `${old} does not come any more.`;
    case "retyped":
      return `${now || old} comes with another type.`;
    case "nullability":
      return `${now || old} may be empty now, or may not any more.`;
    case "format":
      return `${now || old} is written in another format.`;
    case "unit":
      return `${now || old} comes in another unit.`;
    case "enum":
      return `${now || old} uses other words for the same things.`;
    case "currency":
      return `${now || old} comes in another currency.`;
    case "locale":
      return `${now || old} writes its numbers in another style.`;
    case "null_rate":
      return `${now || old} is empty more or less often than before.`;
    case "volume":
      return "Far more or fewer records came than before.";
    case "stream_added":
      return "The stream is new.";
    case "stream_removed":
      return "The stream does not come any more.";
    case "stream_renamed":
      return "The stream comes under another name.";
    case "written":
      return "Nothing changed at the source: a person wrote this mapping, and another has to approve it.";
  }
}

/** `phone → mobile`; one name where it stayed, nothing for a whole stream. */
export function changeTitle(before: readonly string[], after: readonly string[]): string {
  const old = before.join(" + ");
  const now = after.join(" + ");
  if (old === now || now === "") return old;
  return old === "" ? now : `${old} → ${now}`;
}

function named(fields: readonly string[]): string {
  return fields.map((field) => `“${field}”`).join(" and ");
}
