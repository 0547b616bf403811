/** One table or field of the picture; it leads to its page where it has one. */
import { Link } from "@tanstack/react-router";
import type { Node, NodeProps } from "@xyflow/react";

import type { Card } from "@/features/lineage/arrange";
import { GraphHandles } from "@/ui/graph-handles";
import classes from "./lineage-card.module.css";

export function LineageCard({ data }: NodeProps<Node<Card>>) {
  const { tone, kind, title, detail, to, part } = data;
  const said = (
    <>
      <span className={classes.kind}>{kind}</span>
      <span className={classes.title}>{title}</span>
      <span className={classes.detail}>{detail}</span>
    </>
  );
  const look = { "data-tone": tone, "data-part": part, title: `${kind}: ${title}, ${detail}` };
  return (
    <>
      <GraphHandles />
      {to === null ? (
        <div className={classes.card} {...look}>
          {said}
        </div>
      ) : (
        <Link to={to} className={classes.card} {...look}>
          {said}
        </Link>
      )}
    </>
  );
}

export const CARD_TYPES = { card: LineageCard };
