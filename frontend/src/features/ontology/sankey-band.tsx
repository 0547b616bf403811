/** One band of the diagram. That of a stream into its entity can be pointed at, focused and pressed. */
import { sankeyLinkHorizontal } from "d3-sankey";
import type { KeyboardEvent } from "react";

import { endOf, type PlacedLink } from "@/features/ontology/sankey-layout";
import classes from "./sankey-picture.module.css";

interface SankeyBandProps {
  link: PlacedLink;
  words: string;
  isQuiet: boolean;
  /** The stream that is looked at; empty: none. */
  active: string;
  onPoint: (stream: string | null) => void;
  onChoose: (stream: string) => void;
}

const curve = sankeyLinkHorizontal();
const LEAST_TOUCH = 14;

export function SankeyBand({ link, words, isQuiet, active, onPoint, onChoose }: SankeyBandProps) {
  const d = curve(link) ?? "";
  const into = endOf(link.target)?.kind;
  const stream = into === "entity" ? endOf(link.source)?.id : undefined;
  const width = link.width ?? 0;
  return (
    <g
      className={classes.link}
      data-kind={into}
      data-quiet={isQuiet || undefined}
      data-none={link.rows === 0 || undefined}
    >
      <path className={classes.band} d={d} strokeWidth={Math.max(1.5, width)}>
        <title>{words}</title>
      </path>
      {stream !== undefined && (
        <path
          className={classes.touch}
          d={d}
          strokeWidth={Math.max(LEAST_TOUCH, width)}
          role="button"
          tabIndex={0}
          aria-label={words}
          aria-pressed={stream === active}
          onMouseEnter={() => onPoint(stream)}
          onMouseLeave={() => onPoint(null)}
          onFocus={() => onPoint(stream)}
          onBlur={() => onPoint(null)}
          onClick={() => onChoose(stream)}
          onKeyDown={(event) => {
            if (isPress(event)) onChoose(stream);
          }}
        >
          <title>{words}</title>
        </path>
      )}
    </g>
  );
}

function isPress(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== " ") return false;
  event.preventDefault();
  return true;
}
