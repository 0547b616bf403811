/** The picture as a graph: columns from left to right, stages under each other in the order of the flow. */
import type { Edge, Node, NodeProps } from "@xyflow/react";
import { useMemo } from "react";

import { FlowLine } from "@/features/flow/flow-line";
import { layoutOf, type Box } from "@/features/flow/layout";
import type { Column, Line, Picture, Place } from "@/features/flow/picture";
import { PlaceCard } from "@/features/flow/place-card";
import { GRAPH_HEIGHT } from "@/features/flow/places";
import { formatCount } from "@/ui/numbers";
import { GraphCanvas } from "@/ui/graph-canvas";
import { GraphHandles, handlesOf } from "@/ui/graph-handles";
import classes from "./flow-graph.module.css";

type PlaceNode = Node<{ place: Place; isCompact: boolean }, "place">;
type HeadingNode = Node<{ column: Column }, "heading">;
type BoxNode = Node<{ name: string }, "box">;

const nodeTypes = { place: PlaceShown, heading: HeadingShown, box: BoxShown };
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

const at = ({ x, y, width, height }: Box) => ({
  position: { x, y }, width, height, handles: handlesOf(width, height),
}); // prettier-ignore

function nodesOf(picture: Picture): (PlaceNode | HeadingNode | BoxNode)[] {
  const { boxes, headings, places } = layoutOf(picture);
  const placeOf = new Map(
    picture.columns.flatMap((column) => column.places.map((place) => [place.id, place] as const)),
  );
  return [
    ...boxes.map(({ id, box }): BoxNode => ({ id, type: "box", ...at(box), zIndex: -1, data: { name: id } })),
    ...headings.map(({ id, column, box }): HeadingNode => ({ id, type: "heading", ...at(box), data: { column } })),
    ...places.flatMap(({ id, box, isCompact }): PlaceNode[] => {
      const place = placeOf.get(id);
      return place === undefined ? [] : [{ id, type: "place", ...at(box), data: { place, isCompact } }];
    }),
  ];
}

function edgesOf({ columns, lines }: Picture): Edge[] {
  const tones = new Map(columns.flatMap(({ places }) => places.map(({ id, tone }) => [id, tone] as const)));
  const stages = new Set(columns.flatMap(({ places }) => places.filter(({ stage }) => stage).map(({ id }) => id)));
  return lines.map((line) => ({
    id: line.id,
    type: "flow",
    source: line.from,
    target: line.to,
    data: { tone: line.from.startsWith("connection:") ? tones.get(line.from) : null },
    ...sidesOf(line, stages.has(line.from) && stages.has(line.to)),
  }));
}

/** Down from stage to stage, else from left to right; what lies below answers around the side. */
function sidesOf({ from, to }: Line, isBetweenStages: boolean): { sourceHandle: string; targetHandle: string } {
  if (from === "knowledge") return { sourceHandle: "left-out", targetHandle: "left-in" };
  return isBetweenStages && to !== "normalize"
    ? { sourceHandle: "bottom-out", targetHandle: "top-in" }
    : { sourceHandle: "right-out", targetHandle: "left-in" };
}

function PlaceShown({ data }: NodeProps<PlaceNode>) {
  return (
    <>
      <PlaceCard place={data.place} isCompact={data.isCompact} />
      <GraphHandles />
    </>
  );
}

function HeadingShown({ data: { column } }: NodeProps<HeadingNode>) {
  return (
    <div className={classes.heading}>
      {column.title}
      <span className={classes.about}>
        {column.about ?? (column.count === undefined ? "" : formatCount(column.count))}
      </span>
    </div>
  );
}

function BoxShown({ data: { name } }: NodeProps<BoxNode>) {
  return (
    <>
      <div className={classes.box} data-name={name} />
      <GraphHandles />
    </>
  );
}
