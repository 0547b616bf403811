/**
 * Places of a Sankey diagram: connections, streams, entities, views, from left to right. A band is as wide as its rows
 * are many; what would be too thin to see is drawn a little wider, and without counts all bands are the same.
 */
import { sankey, type SankeyLink, type SankeyNode } from "d3-sankey";

import type { Ontology, OntologyNode } from "@/features/ontology/ontology-query";

interface LinkData {
  id: string;
  rows: number | null;
}

export type PlacedNode = SankeyNode<OntologyNode, LinkData>;
export type PlacedLink = SankeyLink<OntologyNode, LinkData>;

export interface Heading {
  word: string;
  x: number;
}

export interface Placed {
  headings: Heading[];
  nodes: PlacedNode[];
  links: PlacedLink[];
  height: number;
}

export const NODE_WIDTH = 12;
/** Room for the names of the last column. */
export const LABEL_WIDTH = 150;
export const STEPS = ["connection", "stream", "entity", "view"] as const;
const HEADINGS: Record<(typeof STEPS)[number], string> = {
  connection: "Sources",
  stream: "Streams",
  entity: "Entities",
  view: "Views, for consumers",
};
const PADDING = 32;
const PER_NODE = 52;
/** Room for the headings of the columns. */
const TOP = 34;
const LEAST_SHARE = 0.012;

/** null where nothing flows. */
export function layOut({ nodes, links }: Ontology, width: number): Placed | null {
  const filled = new Set(links.filter(({ source }) => source.startsWith("stream:")).map(({ target }) => target));
  const shownLinks = links.filter(({ source }) => !source.startsWith("entity:") || filled.has(source));
  const touched = new Set(shownLinks.flatMap(({ source, target }) => [source, target]));
  const shown = nodes.filter(({ id }) => touched.has(id));
  if (shownLinks.length === 0) return null;

  const most = Math.max(...shownLinks.map(({ rows }) => rows ?? 0));
  const least = most === 0 ? 1 : most * LEAST_SHARE;
  const counts = STEPS.map((step) => shown.filter(({ kind }) => kind === step).length);
  const height = TOP + Math.max(190, Math.max(...counts) * PER_NODE);
  const place = sankey<OntologyNode, LinkData>()
    .nodeId(({ id }) => id)
    .nodeAlign(({ kind }) => STEPS.indexOf(kind))
    .nodeWidth(NODE_WIDTH)
    .nodePadding(Math.min(PADDING, height / Math.max(1, ...counts)))
    .extent([
      [1, TOP],
      [width - LABEL_WIDTH, height - 12],
    ]);
  const placed = place({
    nodes: shown.map((node) => ({ ...node })),
    links: shownLinks.map(({ source, target, rows }) => ({
      id: `${source} ${target}`,
      source,
      target,
      rows,
      value: Math.max(rows ?? 0, least),
    })),
  });
  const headings = STEPS.flatMap((step) => {
    const first = placed.nodes.find(({ kind }) => kind === step);
    return first === undefined ? [] : [{ word: HEADINGS[step], x: first.x0 ?? 0 }];
  });
  return { ...placed, headings, height };
}

/** A link's end; after the layout it is the node itself. */
export function endOf(end: PlacedLink["source"]): PlacedNode | null {
  return typeof end === "object" ? end : null;
}
