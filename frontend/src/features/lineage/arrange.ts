/** Places for the steps of a flow: a column a step, from left to right, each column in the middle of the height. */
import { MarkerType, type Edge, type Node } from "@xyflow/react";

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
}

export interface Flow {
  from: string;
  to: string;
  label: string | null;
}

export const CARD_WIDTH = 212;
export const CARD_HEIGHT = 84;
const GAP_X = 104;
const GAP_Y = 20;

export function arrange(cards: readonly Card[], flows: readonly Flow[]): { nodes: Node<Card>[]; edges: Edge[] } {
  const steps = [...new Set(cards.map(({ step }) => step))].sort((left, right) => left - right);
  const columns = steps.map((step) => cards.filter((card) => card.step === step));
  const tallest = Math.max(...columns.map(heightOf), 0);
  const nodes = columns.flatMap((column, at) =>
    column.map((card, place) => ({
      id: card.id,
      type: "card",
      data: card,
      position: {
        x: at * (CARD_WIDTH + GAP_X),
        y: (tallest - heightOf(column)) / 2 + place * (CARD_HEIGHT + GAP_Y),
      },
      width: CARD_WIDTH,
      height: CARD_HEIGHT,
      handles: handlesOf(CARD_WIDTH, CARD_HEIGHT),
    })),
  );
  const edges = flows.map(({ from, to, label }) => ({
    id: `${from} ${to}`,
    source: from,
    target: to,
    sourceHandle: "right-out",
    targetHandle: "left-in",
    label: label ?? undefined,
    markerEnd: { type: MarkerType.ArrowClosed },
    focusable: false,
  }));
  return { nodes, edges };
}

/** As high as the picture needs, within what a page can give. */
export function pictureHeight(cards: readonly Card[]): number {
  const counts = new Map<number, number>();
  for (const { step } of cards) counts.set(step, (counts.get(step) ?? 0) + 1);
  const most = Math.max(1, ...counts.values());
  return Math.min(560, Math.max(230, most * (CARD_HEIGHT + GAP_Y) + 60));
}

function heightOf(column: readonly Card[]): number {
  return column.length * (CARD_HEIGHT + GAP_Y) - GAP_Y;
}
