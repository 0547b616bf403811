/** From sources to entities to views, drawn. A stream's band tells of its mappings when it is pointed at or focused. */
import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";

import type { Ontology } from "@/features/ontology/ontology-query";
import { SankeyBand } from "@/features/ontology/sankey-band";
import { SankeyNodeLabel } from "@/features/ontology/sankey-node-label";
import { endOf, isOnTheWay, layOut, type PlacedLink } from "@/features/ontology/sankey-layout";
import { formatCount } from "@/ui/numbers";
import classes from "./sankey-picture.module.css";

interface SankeyPictureProps {
  ontology: Ontology;
  /** The stream that is looked at; empty: none. */
  active: string;
  onPoint: (stream: string | null) => void;
  onChoose: (stream: string) => void;
}

const LEAST_WIDTH = 700;

export function SankeyPicture({ ontology, active, onPoint, onChoose }: SankeyPictureProps) {
  const { ref, width: measured } = useElementSize();
  const width = Math.max(LEAST_WIDTH, Math.floor(measured));
  const placed = useMemo(() => layOut(ontology, width), [ontology, width]);
  return (
    <div ref={ref} className={classes.frame}>
      {placed !== null && (
        <svg
          width={width}
          height={placed.height}
          role="group"
          aria-label="Sources, streams, entities and views; the table lists the same"
        >
          {placed.links.map((link) => (
            <SankeyBand
              key={link.id}
              link={link}
              words={linkInWords(link, ontology)}
              isQuiet={active !== "" && !isOnTheWay(link, active, placed.links)}
              active={active}
              onPoint={onPoint}
              onChoose={onChoose}
            />
          ))}
          {placed.nodes.map((node) => (
            <SankeyNodeLabel key={node.id} node={node} width={width} />
          ))}
        </svg>
      )}
    </div>
  );
}

function linkInWords(link: PlacedLink, { links }: Ontology): string {
  const from = endOf(link.source);
  const to = endOf(link.target);
  const fields = links.find(({ source, target }) => source === from?.id && target === to?.id)?.fields.length ?? 0;
  const rows = link.rows === null ? "not counted yet" : `${formatCount(link.rows)} rows`;
  const mapped = fields === 0 ? "" : `, ${fields} field mappings`;
  return `${from?.name ?? ""} to ${to?.name ?? ""}: ${rows}${mapped}`;
}
