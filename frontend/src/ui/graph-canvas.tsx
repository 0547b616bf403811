/**
 * A picture of things and what flows between them, to pan and to zoom; it fits itself into the room it has. For pages
 * that are loaded on demand: it brings React Flow. Nodes are buttons or links of their own, so the canvas takes no focus.
 */
import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  Controls,
  ReactFlow,
  useReactFlow,
  useStore,
  type Edge,
  type EdgeTypes,
  type Node,
  type NodeTypes,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo } from "react";

import classes from "./graph-canvas.module.css";

interface GraphCanvasProps {
  /** What is drawn, for those who do not see it; say there where it is told in words. */
  label: string;
  nodes: Node[];
  edges: Edge[];
  nodeTypes: NodeTypes;
  edgeTypes?: EdgeTypes;
  height: number | string;
}

// The canvas hands no press on to nodes that cannot be selected, and takes one as the beginning of panning.
const PRESSABLE = { style: { pointerEvents: "all" }, className: "nopan" } as const;
const FIT = { padding: 0.03, maxZoom: 1.1 };

export function GraphCanvas({ label, nodes, edges, nodeTypes, edgeTypes, height }: GraphCanvasProps) {
  const scheme = useComputedColorScheme("light");
  const pressable = useMemo(() => nodes.map((node) => ({ ...node, ...PRESSABLE })), [nodes]);
  return (
    <div className={classes.canvas} style={{ height }} role="group" aria-label={label}>
      <ReactFlow
        nodes={pressable}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        colorMode={scheme}
        fitView
        fitViewOptions={FIT}
        minZoom={0.3}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        // The wheel scrolls the page; with Ctrl or ⌘, or two fingers, it zooms.
        zoomOnScroll={false}
        preventScrolling={false}
      >
        <Background gap={22} />
        <Controls showInteractive={false} />
        <Refit shown={nodes.map(({ id }) => id).join()} />
      </ReactFlow>
    </div>
  );
}

/** Fits the picture anew when the room or what is in it becomes another, not when its states change. */
function Refit({ shown }: { shown: string }) {
  const { fitView } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    void fitView(FIT);
  }, [fitView, width, height, shown]);
  return null;
}
