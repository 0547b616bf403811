/** Where lines meet a node: one unseen place on each side. */
import { Handle, Position, type Node } from "@xyflow/react";

export const SIDES = ["left", "right", "top", "bottom"] as const;
export type Side = (typeof SIDES)[number];

const POSITIONS: Record<Side, Position> = {
  left: Position.Left,
  right: Position.Right,
  top: Position.Top,
  bottom: Position.Bottom,
};

export function GraphHandles() {
  return SIDES.flatMap((side) => [
    <Handle key={`${side}-out`} id={`${side}-out`} type="source" position={POSITIONS[side]} isConnectable={false} />,
    <Handle key={`${side}-in`} id={`${side}-in`} type="target" position={POSITIONS[side]} isConnectable={false} />,
  ]);
}

/** The same places by a node's size, so that lines are drawn before the browser measured anything. */
export function handlesOf(width: number, height: number): NonNullable<Node["handles"]> {
  const at: Record<Side, { x: number; y: number }> = {
    left: { x: 0, y: height / 2 },
    right: { x: width, y: height / 2 },
    top: { x: width / 2, y: 0 },
    bottom: { x: width / 2, y: height },
  };
  return SIDES.flatMap((side) => [
    { id: `${side}-out`, type: "source" as const, position: POSITIONS[side], ...at[side], width: 1, height: 1 },
    { id: `${side}-in`, type: "target" as const, position: POSITIONS[side], ...at[side], width: 1, height: 1 },
  ]);
}
