/** One band of the picture; to point at, as its node is. */
import { sankeyLinkHorizontal } from "d3-sankey";

import { endOf, type PlacedLink } from "@/features/ontology/sankey-layout";
import { formatCount } from "@/ui/numbers";
import classes from "./sankey-picture.module.css";

interface SankeyBandProps {
  link: PlacedLink;
  isQuiet: boolean;
  onPoint: (node: string | null) => void;
  onChoose: (node: string) => void;
}

const curve = sankeyLinkHorizontal();
const LEAST_TOUCH = 14;

export function SankeyBand({ link, isQuiet, onPoint, onChoose }: SankeyBandProps) {
  const d = curve(link) ?? "";
  const from = endOf(link.source);
  const to = endOf(link.target);
  // A band tells of its stream; behind the entity all streams are one.
  const node = (to?.kind === "stream" ? to.id : from?.id) ?? "";
  const width = link.width ?? 0;
  const rows =
    link.rows === null ? "not counted" : `${formatCount(link.rows)} ${to?.kind === "view" ? "rows" : "records"}`;
  return (
    <g
      className={classes.link}
      data-kind={to?.kind}
      data-quiet={isQuiet || undefined}
      data-none={link.rows === 0 || undefined}
      // The keyboard reaches the nodes, which tell the same.
      aria-hidden
    >
      <path className={classes.band} d={d} strokeWidth={Math.max(1.5, width)} />
      <path
        className={classes.touch}
        d={d}
        strokeWidth={Math.max(LEAST_TOUCH, width)}
        onMouseEnter={() => onPoint(node)}
        onMouseLeave={() => onPoint(null)}
        onClick={() => onChoose(node)}
      >
        <title>{`${from?.name ?? ""} to ${to?.name ?? ""}: ${rows}`}</title>
      </path>
    </g>
  );
}
