/** Places for the steps of a flow: a column a step, from left to right, each column in the middle of the height. */
import type { Edge, Node } from "@xyflow/react";

import { handlesOf } from "@/ui/graph-handles";

export interface Card extends Record<string, unknown> {
  id: string;
  /** Which column it stands in; columns without a card take no room. */
  step: number;
  tone: "source" | "entity" | "insight";
  kind: string;
  title: string;
  detail: string;
  to: string | null;
  /** What the row that is followed has to do with it. */
  part?: "shown" | "gave way" | "not part";
}

export interface Flow {
  from: string;
  to: string;
  label: string | null;
  /** Whether the row that is followed took another way. */
  isQuiet?: boolean;
}

export interface FlowData extends Record<string, unknown> {
  words: string | null;
  isQuiet: boolean;
}

export interface Arranged {
  nodes: Node<Card>[];
  edges: Edge<FlowData>[];
  width: number;
  height: number;
}

export const CARD_WIDTH = 224;
export const CARD_HEIGHT = 78;
const GAP_Y = 16;
const MARGIN = 20;

/** `gap`: pixels between two columns, as much as the words on the lines need. */
export function arrange(cards: readonly Card[], flows: readonly Flow[], gap: number): Arranged {
  const steps = [...new Set(cards.map(({ step }) => step))].sort((left, right) => left - right);
  const columns = steps.map((step) => cards.filter((card) => card.step === step));
  const tallest = Math.max(...columns.map(heightOf), 0);
  const nodes = columns.flatMap((column, at) =>
    column.map((card, place) => ({
      id: card.id,
      type: "card",
      data: card,
      position: {
        x: MARGIN + at * (CARD_WIDTH + gap),
        y: MARGIN + (tallest - heightOf(column)) / 2 + place * (CARD_HEIGHT + GAP_Y),
      },
      width: CARD_WIDTH,
      height: CARD_HEIGHT,
      handles: handlesOf(CARD_WIDTH, CARD_HEIGHT),
    })),
  );
  const edges = flows.map(({ from, to, label, isQuiet = false }) => ({
    id: `${from} ${to}`,
    type: "flow",
    source: from,
    target: to,
    sourceHandle: "right-out",
    targetHandle: "left-in",
    data: { words: label, isQuiet },
    focusable: false,
  }));
  const width = 2 * MARGIN + columns.length * (CARD_WIDTH + gap) - gap;
  return { nodes, edges, width, height: tallest + 2 * MARGIN };
}

function heightOf(column: readonly Card[]): number {
  return column.length * (CARD_HEIGHT + GAP_Y) - GAP_Y;
}
