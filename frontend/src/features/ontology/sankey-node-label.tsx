/** A bar of the diagram with its name and its rows. */
import { LABEL_WIDTH, NODE_WIDTH, type PlacedNode } from "@/features/ontology/sankey-layout";
import { formatShort } from "@/ui/numbers";
import classes from "./sankey-picture.module.css";

const LETTER = 7.4;

export function SankeyNodeLabel({ node, width }: { node: PlacedNode; width: number }) {
  const { x0 = 0, x1 = 0, y0 = 0, y1 = 0, kind, name, rows } = node;
  const room = kind === "view" ? LABEL_WIDTH - 14 : (width - LABEL_WIDTH) / 3 - NODE_WIDTH - 14;
  const middle = (y0 + y1) / 2;
  const most = Math.max(6, Math.floor(room / LETTER));
  return (
    <g className={classes.node} data-kind={kind}>
      <rect x={x0} y={y0} width={x1 - x0} height={Math.max(3, y1 - y0)} rx={3} />
      <text x={x1 + 8} y={middle - 2} className={classes.name}>
        {name.length > most ? `${name.slice(0, most - 1)}…` : name}
        <title>{name}</title>
      </text>
      <text x={x1 + 8} y={middle + 13} className={classes.rows}>
        {rows === null ? "not counted yet" : `${formatShort(rows)} ${kind === "view" ? "rows" : "records"}`}
      </text>
    </g>
  );
}
