/** The parts in their lanes and what flows between them; what is near to the part that is looked at stands out. */
import { MarkerType, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { createContext, useContext, useMemo, useState } from "react";

import type { Known } from "@/features/architecture/known";
import { stateOf } from "@/features/architecture/part-state";
import { HEIGHT, LANE_WIDTH, LANES, laneTitle, placeOf, WIDTH, type Lane } from "@/features/architecture/lanes";
import { PartCard } from "@/features/architecture/part-card";
import { FLOWS, GRAPH_HEIGHT, partOf, PARTS, type Part } from "@/features/architecture/parts";
import { GraphCanvas } from "@/ui/graph-canvas";
import { GraphHandles, handlesOf } from "@/ui/graph-handles";
import classes from "./architecture.module.css";

interface Shown {
  known: Known;
  openId: string;
  onOpen: (id: string) => void;
}

interface Looked extends Shown {
  lookedAt: string;
  look: (id: string | null) => void;
}

type PartNode = Node<{ part: Part }, "part">;
type LaneNode = Node<{ lane: Lane }, "lane">;

const NEAR = "var(--mantine-primary-color-filled)";
const ShownContext = createContext<Looked | null>(null);
const nodeTypes = { part: PartShown, lane: LaneShown };
const NODES: (PartNode | LaneNode)[] = [
  ...LANES.map((lane): LaneNode => ({
    id: `lane:${lane.group}`,
    type: "lane",
    position: { x: 0, y: lane.y },
    width: LANE_WIDTH,
    height: lane.height,
    zIndex: -1,
    data: { lane },
  })),
  ...PARTS.map((part): PartNode => ({
    id: part.id,
    type: "part",
    position: placeOf(part),
    width: WIDTH,
    height: HEIGHT,
    handles: handlesOf(WIDTH, HEIGHT),
    data: { part },
  })),
];

export default function ArchitectureGraph(shown: Shown) {
  const [under, look] = useState<string | null>(null);
  const lookedAt = under ?? shown.openId;
  const edges = useMemo(() => edgesFor(lookedAt), [lookedAt]);
  return (
    <ShownContext.Provider value={{ ...shown, lookedAt, look }}>
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

function edgesFor(lookedAt: string): Edge[] {
  return FLOWS.map(([from, to]) => {
    const isNear = from === lookedAt || to === lookedAt;
    return {
      id: `${from}>${to}`,
      source: from,
      target: to,
      className: lookedAt === "" ? undefined : isNear ? classes.near : classes.far,
      markerEnd: {
        type: MarkerType.ArrowClosed,
        width: isNear ? 9 : 14,
        height: isNear ? 9 : 14,
        color: isNear ? NEAR : null,
      },
      ...sidesOf(partOf(from), partOf(to)),
    };
  });
}

/** Within a lane from side to side, else up or down. */
function sidesOf(from: Part | undefined, to: Part | undefined): { sourceHandle: string; targetHandle: string } {
  const down = (to?.row ?? 0) - (from?.row ?? 0);
  const right = (to?.column ?? 0) - (from?.column ?? 0);
  if (Math.abs(down) < 1)
    return right > 0
      ? { sourceHandle: "right-out", targetHandle: "left-in" }
      : { sourceHandle: "left-out", targetHandle: "right-in" };
  return down > 0
    ? { sourceHandle: "bottom-out", targetHandle: "top-in" }
    : { sourceHandle: "top-out", targetHandle: "bottom-in" };
}

function isNearTo(id: string, lookedAt: string): boolean {
  return id === lookedAt || FLOWS.some(([from, to]) => (from === id && to === lookedAt) || (to === id && from === lookedAt));
} // prettier-ignore

function PartShown({ data: { part } }: NodeProps<PartNode>) {
  const shown = useContext(ShownContext);
  if (shown === null) return null;
  const { known, openId, onOpen, lookedAt, look } = shown;
  return (
    <>
      <PartCard
        part={part}
        state={stateOf(part, known)}
        isOpen={part.id === openId}
        onOpen={onOpen}
        isFar={lookedAt !== "" && !isNearTo(part.id, lookedAt)}
        onLook={look}
      />
      <GraphHandles />
    </>
  );
}

function LaneShown({ data: { lane } }: NodeProps<LaneNode>) {
  return <div className={classes.lane}>{laneTitle(lane)}</div>;
}
