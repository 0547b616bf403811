/** What is drawn: places with their words and states in columns, and the lines between them. */
import type { ApiKey } from "@/api/queries/api-keys-query";
import type { Connection, Schemas } from "@/api/types";
import { fedBy, type Feeds } from "@/features/flow/feeds";
import { connectionLook, peopleLook, programsLook, readersLook, stageLook, type Look } from "@/features/flow/looks";
import {
  AAM_STAGES,
  connectionPlace,
  DCL_STAGES,
  lineBetween,
  MORE_CONNECTIONS,
  MORE_VIEWS,
  PEOPLE_WHO_READ,
  PROGRAMS,
  READERS,
  STAGE_LINES,
  STAGE_WORDS,
  viewPlace,
  type Stage,
} from "@/features/flow/places";
import type { StageStanding } from "@/features/flow/standing";
import { formatCount } from "@/ui/numbers";

export interface Place extends Look {
  id: string;
  title: string;
  hue: "source" | "entity" | "insight" | "none";
  /** Where its page is, or the stage that opens; else it cannot be pressed. */
  to: string | null;
  stage?: Stage;
}

export interface Line {
  id: string;
  from: string;
  to: string;
}

export interface Column {
  title: string;
  /** What the letters of the title stand for. */
  about?: string;
  /** How many there are, where that is not how many are drawn. */
  count?: number;
  /** Lines lead to the box around them. */
  box?: string;
  places: Place[];
}

export interface Picture {
  columns: Column[];
  lines: Line[];
  feeds: Feeds;
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
  /** Keys of programs; undefined where that is not known. */
  keys: readonly ApiKey[] | undefined;
}

const MOST_IN_A_COLUMN = 15;

export function pictureOf(known: Known): Picture {
  const sources = fitted(known.connections.map(sourcePlace), MORE_CONNECTIONS, "/connections", "source");
  const views = fitted(known.views.map(viewPlaceOf), MORE_VIEWS, "/views", "entity");
  const stages = (names: readonly Stage[]) => names.map((stage) => stagePlace(stage, known));
  const columns: Column[] = [
    { title: "Sources", count: known.connections.length, places: sources },
    { title: "AAM", about: "Adaptive API Mesh", box: "aam", places: stages(AAM_STAGES) },
    { title: "DCL", about: "Data Connection Layer", box: "dcl", places: stages(DCL_STAGES) },
    { title: "Views", count: known.views.length, places: views },
    { title: "Consumers", box: READERS, places: readersOf(known) },
  ];
  const drawn = new Set([READERS, ...columns.flatMap(({ places }) => places.map(({ id }) => id))]);
  const name = (place: string) => drawnAs(place, drawn);
  return { columns, lines: linesOf(sources, views), feeds: fedBy(known.views, name), drawnAs: name };
}

function readersOf({ publication, keys }: Known): Place[] {
  const people = { id: PEOPLE_WHO_READ, title: "People", hue: "none", to: "/views" } as const;
  const programs = { id: PROGRAMS, title: "Programs", hue: "none", to: keys === undefined ? null : "/team" } as const;
  return [
    { ...people, ...readersLook(publication) },
    { ...programs, ...programsLook(keys) },
  ];
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
  const place = { id: connectionPlace(id), title: name, hue: "source", to: `/connections/${id}` } as const;
  return { ...place, ...connectionLook(connection) };
}

function viewPlaceOf({ name, rows }: Schemas["ViewOut"]): Place {
  const says = rows === null ? "not published yet" : `${formatCount(rows)} ${rows === 1 ? "row" : "rows"}`;
  return { id: viewPlace(name), title: name, hue: "entity", to: `/views/${name}`, says, tone: null };
}

function stagePlace(stage: Stage, known: Known): Place {
  const look = lookOf(stage, known);
  const isSource = stage === "extract" || stage === "fingerprint";
  const isMade = DCL_STAGES.some((each) => each === stage);
  return {
    id: stage,
    title: STAGE_WORDS[stage].title,
    hue: isSource ? "source" : isMade ? "entity" : "insight",
    to: null,
    stage,
    ...look,
    says: look.says ?? "nothing heard lately",
  };
}

function lookOf(stage: Stage, { standings, waiting, publication }: Known): Look {
  if (stage === "people") return peopleLook(waiting);
  const standing = standings.get(stage);
  // What readers see was published, whether or not the event is still kept.
  const isKnown = stage === "publish" && standing === undefined && publication !== null;
  return isKnown ? readersLook(publication) : stageLook(standing);
}

function fitted(places: Place[], more: string, to: string, hue: Place["hue"]): Place[] {
  if (places.length <= MOST_IN_A_COLUMN) return places;
  const left = places.length - (MOST_IN_A_COLUMN - 1);
  const rest: Place = { id: more, title: `${formatCount(left)} more`, hue, to, says: "in their list", tone: null };
  return [...places.slice(0, MOST_IN_A_COLUMN - 1), rest];
}
