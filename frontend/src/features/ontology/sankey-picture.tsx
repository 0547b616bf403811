/** From sources to entities to views, drawn. What is pointed at or focused shows its way and tells of its mappings. */
import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";

import type { Ontology } from "@/features/ontology/ontology-query";
import { SankeyBand } from "@/features/ontology/sankey-band";
import { layOut } from "@/features/ontology/sankey-layout";
import { moveBetween } from "@/features/ontology/sankey-keys";
import { SankeyNodeLabel } from "@/features/ontology/sankey-node-label";
import { streamsOver, type StreamMapping } from "@/features/ontology/streams";
import classes from "./sankey-picture.module.css";

interface SankeyPictureProps {
  ontology: Ontology;
  streams: readonly StreamMapping[];
  /** The node that is looked at; empty: none. */
  active: string;
  chosen: string;
  onPoint: (node: string | null) => void;
  onChoose: (node: string) => void;
}

const LEAST_WIDTH = 720;

export function SankeyPicture({ ontology, streams, active, chosen, onPoint, onChoose }: SankeyPictureProps) {
  const { ref, width: measured } = useElementSize();
  const width = Math.max(LEAST_WIDTH, Math.floor(measured));
  const placed = useMemo(() => layOut(ontology, width), [ontology, width]);
  const lit = useMemo(() => new Set(streamsOver(streams, active).flatMap(({ way }) => way)), [streams, active]);
  const ways = useMemo(() => new Set(streamsOver(streams, active).flatMap(({ way }) => pairs(way))), [streams, active]);
  const [reached, setReached] = useState("");
  if (placed === null) return <div ref={ref} className={classes.frame} />;
  const inTabOrder = [reached, chosen].find((id) => placed.nodes.some((node) => node.id === id)) ?? placed.nodes[0]?.id;
  return (
    <div ref={ref} className={classes.frame}>
      <svg
        width={width}
        height={placed.height}
        role="group"
        aria-label="Sources, streams, entities and views; arrows move between them, the table lists the same"
        onKeyDown={moveBetween}
      >
        {placed.headings.map(({ word, x }) => (
          <text key={word} x={x} y={14} className={classes.heading}>
            {word}
          </text>
        ))}
        {placed.links.map((link) => (
          <SankeyBand
            key={link.id}
            link={link}
            isQuiet={active !== "" && !ways.has(link.id)}
            onPoint={onPoint}
            onChoose={onChoose}
          />
        ))}
        {placed.nodes.map((node) => (
          <SankeyNodeLabel
            key={node.id}
            node={node}
            streams={streamsOver(streams, node.id)}
            width={width}
            isQuiet={active !== "" && !lit.has(node.id)}
            isChosen={node.id === chosen}
            tabIndex={node.id === inTabOrder ? 0 : -1}
            onPoint={(id) => {
              if (id !== null) setReached(id);
              onPoint(id);
            }}
            onChoose={onChoose}
          />
        ))}
      </svg>
    </div>
  );
}

/** Ids of the links on a way. */
function pairs(way: readonly string[]): string[] {
  return way.slice(1).map((to, at) => `${way[at] ?? ""} ${to}`);
}
