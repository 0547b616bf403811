/**
 * A picture of things and what flows between them, to pan and to zoom; it fits itself into the room it has. For pages
 * that are loaded on demand: it brings React Flow. Nodes are buttons or links of their own, so the canvas takes no focus.
 */
import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  Controls,
  getViewportForBounds,
  ReactFlow,
  useReactFlow,
  useStore,
  type Edge,
  type EdgeTypes,
  type Node,
  type NodeTypes,
  type Rect,
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
// Below is room for the controls, so that they lie on nothing.
const PADDING = { top: "14px", right: "16px", bottom: "46px", left: "16px" } as const;
const LEAST_ZOOM = 0.3;
const FIT = { padding: PADDING, maxZoom: 1.1 };

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
        minZoom={LEAST_ZOOM}
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
        <Controls showInteractive={false} orientation="horizontal" className={classes.controls} />
        <Refit nodes={nodes} />
      </ReactFlow>
    </div>
  );
}

/** Fits the picture anew when the room or what is in it becomes another, not when its states change. */
function Refit({ nodes }: { nodes: Node[] }) {
  const { fitView, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const bounds = boundsOf(nodes);
  useEffect(() => {
    if (width === 0 || height === 0) return;
    // By the sizes that nodes say they have: what is new was not measured yet.
    if (bounds === null) void fitView(FIT);
    else void setViewport(getViewportForBounds(JSON.parse(bounds) as Rect, width, height, LEAST_ZOOM, 1.1, PADDING));
  }, [fitView, setViewport, width, height, bounds]);
  return null;
}

/** As a text, so that the same bounds are the same; null where a node does not say how large it is. */
function boundsOf(nodes: Node[]): string | null {
  const boxes = nodes.map(({ position: { x, y }, width, height }) => ({ x, y, width, height }));
  if (boxes.some((box) => box.width === undefined || box.height === undefined)) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + (box.width ?? 0)));
  const bottom = Math.max(...boxes.map((box) => box.y + (box.height ?? 0)));
  return JSON.stringify({ x, y, width: right - x, height: bottom - y });
}
