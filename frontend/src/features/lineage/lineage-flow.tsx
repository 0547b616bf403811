/** A line from a step to the next, with its words near where it begins: there the lines are still apart. */
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type Edge, type EdgeProps } from "@xyflow/react";

import type { FlowData } from "@/features/lineage/arrange";
import classes from "./lineage-picture.module.css";

/** How far along the curve the words stand: where they are long, at its beginning, where the lines are apart. */
const EARLY = 0.36;
const MIDDLE = 0.5;
const SHORT_WAY = 120;

export function LineageFlow(props: EdgeProps<Edge<FlowData>>) {
  const { id, data, sourceX, sourceY, targetX, targetY } = props;
  const [path] = getBezierPath(props);
  const at = targetX - sourceX < SHORT_WAY ? MIDDLE : EARLY;
  const x = sourceX + (targetX - sourceX) * (1.5 * at - 1.5 * at ** 2 + at ** 3);
  const y = sourceY + (targetY - sourceY) * (3 * at ** 2 - 2 * at ** 3);
  return (
    <>
      <BaseEdge id={id} path={path} className={classes.line} data-quiet={data?.isQuiet || undefined} />
      {data !== undefined && data.words !== null && (
        <EdgeLabelRenderer>
          <span
            className={classes.words}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
            data-quiet={data.isQuiet || undefined}
          >
            {data.words}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

export const FLOW_TYPES = { flow: LineageFlow };
