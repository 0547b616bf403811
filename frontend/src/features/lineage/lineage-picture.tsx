/**
 * Cards and what flows between them, drawn in their own size, so that they can be read on any screen; where there is
 * less room the picture scrolls. What it says stands in the table beside it too.
 */
import { useComputedColorScheme } from "@mantine/core";
import { ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useMemo } from "react";

import { arrange, type Card, type Flow } from "@/features/lineage/arrange";
import { CARD_TYPES } from "@/features/lineage/lineage-card";
import { FLOW_TYPES } from "@/features/lineage/lineage-flow";
import classes from "./lineage-picture.module.css";

interface LineagePictureProps {
  label: string;
  cards: readonly Card[];
  flows: readonly Flow[];
  gap: number;
}

const STILL = { x: 0, y: 0, zoom: 1 };

export function LineagePicture({ label, cards, flows, gap }: LineagePictureProps) {
  const scheme = useComputedColorScheme("light");
  const { nodes, edges, width, height } = useMemo(() => arrange(cards, flows, gap), [cards, flows, gap]);
  return (
    <div className={classes.scroller} role="group" aria-label={label} tabIndex={0}>
      <div className={classes.picture} style={{ width, height }}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={CARD_TYPES}
          edgeTypes={FLOW_TYPES}
          colorMode={scheme}
          viewport={STILL}
          panOnDrag={false}
          zoomOnScroll={false}
          zoomOnPinch={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
        />
      </div>
    </div>
  );
}
