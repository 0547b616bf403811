/** What an event sets in motion in the picture. An event that has no place there moves nothing. */
import { connectionPlace, isStage, lineBetween, READERS, viewPlace, type Stage } from "@/features/flow/places";
import type { LiveEvent } from "@/live/event-stream";

export type FlowTone = "source" | "entity" | "insight" | "warning" | "bad";

export interface Effect {
  tone: FlowTone;
  /** Places that light up. */
  places: string[];
  /** Lines along which something moves. */
  lines: string[];
  /** Against the direction of the line: an answer. */
  isBack?: boolean;
}

/** Where what a stage made goes next. */
const NEXT: Partial<Record<Stage, Stage>> = {
  extract: "fingerprint",
  fingerprint: "mapping",
  knowledge: "mapping",
  mapping: "normalize",
  normalize: "resolve",
  resolve: "unify",
  unify: "publish",
};
const TONES: Record<Stage, FlowTone> = {
  extract: "source",
  fingerprint: "source",
  mapping: "insight",
  people: "insight",
  knowledge: "insight",
  normalize: "entity",
  resolve: "entity",
  unify: "entity",
  publish: "entity",
};

export function effectOf(event: LiveEvent): Effect | null {
  const [thing, happened] = event.kind.split(".");
  const source = typeof event.data["connection_id"] === "string" ? connectionPlace(event.data["connection_id"]) : null;
  const at = (tone: FlowTone, ...places: (string | null)[]): Effect => ({
    tone,
    places: places.filter((place) => place !== null),
    lines: [],
  });
  switch (thing) {
    case "sync":
      return syncEffect(event.kind, source);
    case "stage":
      return stageEffect(event.data["stage"], happened ?? "");
    case "records":
      return { ...at(happened === "held" ? "warning" : "entity", "normalize"), lines: happened === "held" ? [] : [lineBetween("normalize", "resolve")] };
    case "refresh":
      return happened === "failed" ? at("bad", "unify") : null;
    case "views":
      return published(event.data["views"]);
    case "drift":
      return driftEffect(event.kind);
    case "hold":
      return at(happened === "placed" ? "warning" : "source", "normalize");
    case "approval":
      return approvalEffect(event.kind);
    case "mapping":
      return { ...at("insight", "mapping"), lines: [lineBetween("mapping", "normalize")] };
    case "repair":
      return at("insight", "mapping");
    case "connection":
      return source === null ? null : at("source", source);
    default:
      return null;
  }
} // prettier-ignore

function syncEffect(kind: string, source: string | null): Effect | null {
  if (source === null) return null;
  const lines = kind === "sync.started" || kind === "sync.stream" ? [lineBetween(source, "extract")] : [];
  return { tone: kind === "sync.failed" ? "bad" : "source", places: [source], lines };
}

function stageEffect(stage: unknown, happened: string): Effect | null {
  if (!isStage(stage)) return null;
  const next = NEXT[stage];
  return {
    tone: happened === "failed" ? "bad" : TONES[stage],
    places: [stage],
    lines: happened === "finished" && next !== undefined ? [lineBetween(stage, next)] : [],
  };
}

function published(views: unknown): Effect {
  const names = typeof views === "object" && views !== null ? Object.keys(views) : [];
  return {
    tone: "entity",
    places: ["publish", ...names.map(viewPlace), READERS],
    lines: names.flatMap((name) => [lineBetween("publish", viewPlace(name)), lineBetween(viewPlace(name), READERS)]),
  };
}

function driftEffect(kind: string): Effect {
  if (kind === "drift.seen")
    return { tone: "warning", places: ["fingerprint"], lines: [lineBetween("fingerprint", "mapping")] };
  const isOpen = kind === "drift.refused" || kind === "drift.reopened";
  return { tone: isOpen ? "warning" : "insight", places: ["mapping"], lines: [] };
}

function approvalEffect(kind: string): Effect {
  const asks = kind === "approval.opened" || kind === "approval.escalated";
  return { tone: "insight", places: ["people"], lines: [lineBetween("mapping", "people")], isBack: !asks };
}

/** Whether an event is about a stage: told by it, or one that lights it up. */
export function isOfStage(event: LiveEvent, stage: Stage): boolean {
  return effectOf(event)?.places.includes(stage) ?? false;
}
