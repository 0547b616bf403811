/** A bar of the picture with its name and its rows: a button that keeps what is told of it. */
import type { KeyboardEvent } from "react";

import { LABEL_WIDTH, NODE_WIDTH, STEPS, type PlacedNode } from "@/features/ontology/sankey-layout";
import type { StreamMapping } from "@/features/ontology/streams";
import { formatCount, formatShort } from "@/ui/numbers";
import classes from "./sankey-picture.module.css";

interface SankeyNodeLabelProps {
  node: PlacedNode;
  /** Those that lead over it. */
  streams: readonly StreamMapping[];
  width: number;
  isQuiet: boolean;
  isChosen: boolean;
  tabIndex: number;
  onPoint: (node: string | null) => void;
  onChoose: (node: string) => void;
}

const LETTER = 7.4;

export function SankeyNodeLabel(props: SankeyNodeLabelProps) {
  const { node, streams, width, isQuiet, isChosen, tabIndex, onPoint, onChoose } = props;
  const { id, x0 = 0, x1 = 0, y0 = 0, y1 = 0, kind, name } = node;
  const room = kind === "view" ? LABEL_WIDTH - 14 : (width - LABEL_WIDTH) / 3 - NODE_WIDTH - 14;
  const middle = (y0 + y1) / 2;
  const most = Math.max(6, Math.floor(room / LETTER));
  const shown = name.length > most ? `${name.slice(0, most - 1)}…` : name;
  const rows = rowsOf(node, streams);
  const mapped = streams.reduce((sum, { fields }) => sum + fields.length, 0);
  return (
    <g
      className={classes.node}
      role="button"
      tabIndex={tabIndex}
      aria-label={`${shown} ${rows}, ${kind === "connection" ? "source" : kind}, ${formatCount(mapped)} field mappings`}
      aria-pressed={isChosen}
      data-node={id}
      data-step={STEPS.indexOf(kind)}
      data-kind={kind}
      data-quiet={isQuiet || undefined}
      onMouseEnter={() => onPoint(id)}
      onMouseLeave={() => onPoint(null)}
      onFocus={() => onPoint(id)}
      onBlur={() => onPoint(null)}
      onClick={() => onChoose(id)}
      onKeyDown={(event) => {
        if (isPress(event)) onChoose(id);
      }}
    >
      {shown !== name && <title>{name}</title>}
      <rect x={x0} y={y0} width={x1 - x0} height={Math.max(3, y1 - y0)} rx={3} className={classes.bar} />
      <rect x={x1 + 3} y={middle - 16} width={Math.min(room, 130)} height={34} rx={6} className={classes.ring} />
      <text x={x1 + 8} y={middle - 2} className={classes.name}>
        {/* The gap is for those who hear both lines as one name. */ `${shown} `}
      </text>
      <text x={x1 + 8} y={middle + 13} className={classes.rows}>
        {rows}
      </text>
    </g>
  );
}

function rowsOf({ kind, rows }: PlacedNode, streams: readonly StreamMapping[]): string {
  if (kind === "stream" && streams.every(({ entity }) => entity === null)) return "kept raw";
  return rows === null ? "not counted yet" : `${formatShort(rows)} ${kind === "view" ? "rows" : "records"}`;
}

function isPress(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== " ") return false;
  event.preventDefault();
  return true;
}
