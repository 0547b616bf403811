/** The parts and what flows between them; the lines of the part that is open stand out. */
import { MarkerType, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { createContext, useContext, useMemo } from "react";

import { stateOf, type Known } from "@/features/architecture/known";
import { PartCard } from "@/features/architecture/part-card";
import { FLOWS, GRAPH_HEIGHT, partOf, PARTS, type Part } from "@/features/architecture/parts";
import { GraphCanvas } from "@/ui/graph-canvas";
import { GraphHandles, handlesOf } from "@/ui/graph-handles";
import classes from "./architecture.module.css";

const WIDTH = 156;
const HEIGHT = 54;
const ACROSS = 188;
const DOWN = 118;

interface Shown {
  known: Known;
  openId: string;
  onOpen: (id: string) => void;
}

type PartNode = Node<{ part: Part }, "part">;

const ShownContext = createContext<Shown | null>(null);
const nodeTypes = { part: PartShown };
const NODES: PartNode[] = PARTS.map((part) => ({
  id: part.id,
  type: "part",
  position: { x: part.column * ACROSS, y: part.row * DOWN },
  width: WIDTH,
  height: HEIGHT,
  handles: handlesOf(WIDTH, HEIGHT),
  data: { part },
}));

export default function ArchitectureGraph(shown: Shown) {
  const { openId } = shown;
  const edges = useMemo(() => edgesFor(openId), [openId]);
  return (
    <ShownContext.Provider value={shown}>
      <GraphCanvas
        label="Parts of the platform; each opens with what it does"
        nodes={NODES}
        edges={edges}
        nodeTypes={nodeTypes}
        height={GRAPH_HEIGHT}
      />
    </ShownContext.Provider>
  );
}

function edgesFor(openId: string): Edge[] {
  return FLOWS.map(([from, to]) => {
    const isNear = openId === "" || from === openId || to === openId;
    return {
      id: `${from}>${to}`,
      source: from,
      target: to,
      className: isNear ? (openId === "" ? undefined : classes.near) : classes.far,
      markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
      ...sidesOf(partOf(from), partOf(to)),
    };
  });
}

/** Beside each other from side to side, else up or down. */
function sidesOf(from: Part | undefined, to: Part | undefined): { sourceHandle: string; targetHandle: string } {
  const down = (to?.row ?? 0) - (from?.row ?? 0);
  const right = (to?.column ?? 0) - (from?.column ?? 0);
  if (down === 0)
    return right > 0
      ? { sourceHandle: "right-out", targetHandle: "left-in" }
      : { sourceHandle: "left-out", targetHandle: "right-in" };
  return down > 0
    ? { sourceHandle: "bottom-out", targetHandle: "top-in" }
    : { sourceHandle: "top-out", targetHandle: "bottom-in" };
}

function PartShown({ data: { part } }: NodeProps<PartNode>) {
  const shown = useContext(ShownContext);
  if (shown === null) return null;
  const { known, openId, onOpen } = shown;
  return (
    <>
      <PartCard part={part} state={stateOf(part, known)} isOpen={part.id === openId} onOpen={onOpen} />
      <GraphHandles />
    </>
  );
}
