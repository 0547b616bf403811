/** What is drawn: places with their words and states in columns, and the lines between them. */
import type { Connection, Schemas } from "@/api/types";
import {
  AAM_STAGES,
  connectionPlace,
  DCL_STAGES,
  lineBetween,
  MORE_CONNECTIONS,
  MORE_VIEWS,
  READERS,
  STAGE_LINES,
  STAGE_WORDS,
  viewPlace,
  type Stage,
} from "@/features/flow/places";
import type { StageStanding } from "@/features/flow/standing";
import { connectionLook, peopleLook, readersLook, stageLook, type Look } from "@/features/flow/looks";
import { formatCount } from "@/ui/numbers";

export interface Place extends Look {
  id: string;
  title: string;
  hue: "source" | "entity" | "insight" | "none";
  /** Where its page is; without one it is no link. */
  to: string | null;
}

export interface Line {
  id: string;
  from: string;
  to: string;
}

export interface Picture {
  columns: { title: string; places: Place[] }[];
  lines: Line[];
  /** The place that is drawn for one there is no room for. */
  drawnAs: (place: string) => string;
}

export interface Known {
  connections: readonly Connection[];
  views: readonly Schemas["ViewOut"][];
  publication: Schemas["PublicationOut"] | null;
  standings: ReadonlyMap<Stage, StageStanding>;
  /** Repairs that wait; undefined where that is not known. */
  waiting: number | undefined;
}

const MOST_IN_A_COLUMN = 9;

export function pictureOf(known: Known): Picture {
  const sources = fitted(known.connections.map(sourcePlace), MORE_CONNECTIONS, "/connections", "source");
  const views = fitted(known.views.map(viewPlaceOf), MORE_VIEWS, "/views", "entity");
  const stages = (names: readonly Stage[], hue: Place["hue"]) => names.map((stage) => stagePlace(stage, hue, known));
  const readers: Place = {
    id: READERS,
    title: "People and programs",
    hue: "none",
    to: null,
    ...readersLook(known.publication),
  };
  const columns = [
    { title: "Sources", places: sources },
    { title: "AAM", places: stages(AAM_STAGES, "insight") },
    { title: "DCL", places: stages(DCL_STAGES, "entity") },
    { title: "Views", places: views },
    { title: "Consumers", places: [readers] },
  ];
  const drawn = new Set(columns.flatMap(({ places }) => places.map(({ id }) => id)));
  return { columns, lines: linesOf(sources, views), drawnAs: (place) => drawnAs(place, drawn) };
}

function linesOf(sources: readonly Place[], views: readonly Place[]): Line[] {
  const pairs: (readonly [string, string])[] = [
    ...sources.map(({ id }) => [id, "extract"] as const),
    ...STAGE_LINES,
    ...views.flatMap(({ id }) => [["publish", id] as const, [id, READERS] as const]),
  ];
  return pairs.map(([from, to]) => ({ id: lineBetween(from, to), from, to }));
}

function drawnAs(place: string, drawn: ReadonlySet<string>): string {
  if (drawn.has(place)) return place;
  if (place.startsWith("connection:")) return MORE_CONNECTIONS;
  return place.startsWith("view:") ? MORE_VIEWS : place;
}

function sourcePlace(connection: Connection): Place {
  const { id, name } = connection;
  return {
    id: connectionPlace(id),
    title: name,
    hue: "source",
    to: `/connections/${id}`,
    ...connectionLook(connection),
  };
}

function viewPlaceOf({ name, rows }: Schemas["ViewOut"]): Place {
  const said = rows === null ? "not published yet" : `${formatCount(rows)} ${rows === 1 ? "row" : "rows"}`;
  return { id: viewPlace(name), title: name, hue: "entity", to: `/views/${name}`, says: said, tone: null };
}

function stagePlace(stage: Stage, hue: Place["hue"], { standings, waiting }: Known): Place {
  const { title, does } = STAGE_WORDS[stage];
  const look = stage === "people" ? peopleLook(waiting) : stageLook(standings.get(stage));
  const isSource = stage === "extract" || stage === "fingerprint";
  return {
    id: stage,
    title,
    hue: isSource ? "source" : hue,
    to: stage === "people" ? "/approvals" : null,
    ...look,
    says: look.says ?? does,
  };
}

function fitted(places: Place[], more: string, to: string, hue: Place["hue"]): Place[] {
  if (places.length <= MOST_IN_A_COLUMN) return places;
  const left = places.length - (MOST_IN_A_COLUMN - 1);
  const rest: Place = {
    id: more,
    title: `${formatCount(left)} more`,
    hue,
    to,
    says: "shown in their list",
    tone: null,
  };
  return [...places.slice(0, MOST_IN_A_COLUMN - 1), rest];
}
