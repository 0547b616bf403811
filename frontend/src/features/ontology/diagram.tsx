/** The Sankey diagram with the mappings of what one looks at. */
import { Group, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { ONTOLOGY_FIELDS } from "@/features/ontology/fields";
import { NodeDetail } from "@/features/ontology/node-detail";
import type { Ontology } from "@/features/ontology/ontology-query";
import { Overview } from "@/features/ontology/overview";
import { SankeyPicture } from "@/features/ontology/sankey-picture";
import { streamsOver, type StreamMapping } from "@/features/ontology/streams";
import { SectionCard } from "@/ui/section-card";
import { useUrlState } from "@/ui/use-url-state";
import classes from "./detail.module.css";

interface DiagramProps {
  ontology: Ontology;
  streams: readonly StreamMapping[];
}

export function Diagram({ ontology, streams }: DiagramProps) {
  const [{ node: wanted }, set] = useUrlState(ONTOLOGY_FIELDS);
  const [pointed, point] = useState<string | null>(null);
  const chosen = ontology.nodes.some(({ id }) => id === wanted) ? wanted : "";
  const active = pointed ?? chosen;
  const looked = ontology.nodes.find(({ id }) => id === active);
  const side = useSeen(chosen);
  const idle = entitiesWithoutStreams(ontology);
  const choose = (node: string) => set({ node: node === chosen ? "" : node });
  return (
    <SectionCard title="From sources to views" hint={<Legend isCounted={ontology.snapshot_id !== null} />}>
      <div className={classes.both}>
        <SankeyPicture
          ontology={ontology}
          streams={streams}
          active={active}
          chosen={chosen}
          onPoint={point}
          onChoose={choose}
        />
        <div className={classes.side} ref={side}>
          {looked === undefined ? (
            <Overview streams={streams} onChoose={choose} />
          ) : (
            <NodeDetail
              node={looked}
              streams={streamsOver(streams, looked.id)}
              isChosen={chosen !== "" && active === chosen}
              onLeave={() => set({ node: "" })}
            />
          )}
        </div>
      </div>
      {idle.length > 0 && (
        <Text size="xs" c="dimmed" mt="sm">
          No stream fills {idle.join(", ")}.
        </Text>
      )}
    </SectionCard>
  );
}

/** Pixels of it that have to be in sight. */
const SEEN = 160;

/** What was chosen by hand is told where it can be seen: on a phone that is below the picture. */
function useSeen(chosen: string) {
  const side = useRef<HTMLDivElement>(null);
  const before = useRef(chosen);
  useEffect(() => {
    const isBelow = (side.current?.getBoundingClientRect().top ?? 0) > window.innerHeight - SEEN;
    if (chosen !== "" && chosen !== before.current && isBelow) side.current?.scrollIntoView({ block: "nearest" });
    before.current = chosen;
  }, [chosen]);
  return side;
}

function Legend({ isCounted }: { isCounted: boolean }) {
  return (
    <Group gap="md">
      <Mark colour="source" word="sources and their streams" />
      <Mark colour="entity" word="entities" />
      <Mark colour="insight" word="views, which people and programs read" />
      <span>
        {isCounted
          ? "A band is as wide as its records are many; the thinnest are widened to be seen, dashed ones are empty"
          : "Nothing is published yet, so the widths say nothing"}
      </span>
    </Group>
  );
}

function Mark({ colour, word }: { colour: string; word: string }) {
  return (
    <Group gap={6} component="span">
      <span
        aria-hidden
        style={{ width: 10, height: 10, borderRadius: 3, background: `var(--mantine-color-${colour}-6)` }}
      />
      {word}
    </Group>
  );
}

function entitiesWithoutStreams({ nodes, links }: Ontology): string[] {
  const filled = new Set(links.filter(({ source }) => source.startsWith("stream:")).map(({ target }) => target));
  return nodes.filter(({ id, kind }) => kind === "entity" && !filled.has(id)).map(({ name }) => name);
}
