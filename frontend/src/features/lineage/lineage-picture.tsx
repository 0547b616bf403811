/** Cards and what flows between them, drawn. What it says stands in the table beside it too. */
import { useMemo } from "react";

import { arrange, pictureHeight, type Card, type Flow } from "@/features/lineage/arrange";
import { CARD_TYPES } from "@/features/lineage/lineage-card";
import { GraphCanvas } from "@/ui/graph-canvas";

interface LineagePictureProps {
  label: string;
  cards: readonly Card[];
  flows: readonly Flow[];
}

export function LineagePicture({ label, cards, flows }: LineagePictureProps) {
  const { nodes, edges } = useMemo(() => arrange(cards, flows), [cards, flows]);
  return <GraphCanvas label={label} nodes={nodes} edges={edges} nodeTypes={CARD_TYPES} height={pictureHeight(cards)} />;
}
