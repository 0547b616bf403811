/** The picture as a graph: columns from left to right, stages under each other in the order of the flow. */
import type { Edge, Node, NodeProps } from "@xyflow/react";
import { useMemo } from "react";

import { FlowLine } from "@/features/flow/flow-line";
import type { Line, Picture, Place } from "@/features/flow/picture";
import { PlaceCard } from "@/features/flow/place-card";
import { GRAPH_HEIGHT } from "@/features/flow/places";
import { GraphCanvas } from "@/ui/graph-canvas";
import { GraphHandles, handlesOf } from "@/ui/graph-handles";
import classes from "./flow.module.css";

const WIDTH = 200;
const HEIGHT = 54;
const ACROSS = 254;
const APART = 66;
// Stages stand further apart: what moves between them is to be seen.
const STAGES_APART = 96;
const HEADING = 34;

type PlaceNode = Node<{ place: Place }, "place">;
type HeadingNode = Node<{ title: string }, "heading">;

const nodeTypes = { place: PlaceShown, heading: HeadingShown };
const edgeTypes = { flow: FlowLine };

export default function FlowGraph({ picture }: { picture: Picture }) {
  const nodes = useMemo(() => nodesOf(picture), [picture]);
  const edges = useMemo(() => edgesOf(picture), [picture]);
  return (
    <GraphCanvas
      label="From sources to consumers; the list of events below tells the same in words"
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      height={GRAPH_HEIGHT}
    />
  );
}

function nodesOf({ columns }: Picture): (PlaceNode | HeadingNode)[] {
  const isStages = (at: number) => at === 1 || at === 2;
  const least = (at: number) => (columns[at]?.places.length ?? 0) * (isStages(at) ? STAGES_APART : APART);
  const height = Math.max(...columns.map((_, at) => least(at)));
  return columns.flatMap(({ title, places }, column) => {
    const apart = isStages(column) ? height / places.length : APART;
    const top = HEADING + (height - apart * places.length) / 2 + (apart - HEIGHT) / 2;
    const x = column * ACROSS;
    const heading: HeadingNode = {
      id: `heading:${title}`,
      type: "heading",
      position: { x, y: 0 },
      width: WIDTH,
      height: 24,
      data: { title },
    };
    return [
      heading,
      ...places.map((place, row): PlaceNode => ({
        id: place.id,
        type: "place",
        position: { x, y: top + row * apart },
        width: WIDTH,
        height: HEIGHT,
        handles: handlesOf(WIDTH, HEIGHT),
        data: { place },
      })),
    ];
  });
}

function edgesOf({ columns, lines }: Picture): Edge[] {
  const columnOf = new Map(columns.flatMap(({ places }, at) => places.map(({ id }) => [id, at] as const)));
  return lines.map((line) => ({
    id: line.id,
    type: "flow",
    source: line.from,
    target: line.to,
    ...sidesOf(line, columnOf.get(line.from) === columnOf.get(line.to)),
  }));
}

/** Down within a column, else from left to right; what lies below answers around the side. */
function sidesOf({ from }: Line, isSameColumn: boolean): { sourceHandle: string; targetHandle: string } {
  if (from === "knowledge") return { sourceHandle: "left-out", targetHandle: "left-in" };
  return isSameColumn
    ? { sourceHandle: "bottom-out", targetHandle: "top-in" }
    : { sourceHandle: "right-out", targetHandle: "left-in" };
}

function PlaceShown({ data }: NodeProps<PlaceNode>) {
  return (
    <>
      <PlaceCard place={data.place} />
      <GraphHandles />
    </>
  );
}

function HeadingShown({ data }: NodeProps<HeadingNode>) {
  return <div className={classes.heading}>{data.title}</div>;
}
