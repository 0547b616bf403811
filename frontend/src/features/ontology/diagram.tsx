/** The Sankey diagram with the mappings of the stream one looks at. */
import { Group, Text } from "@mantine/core";
import { useState } from "react";

import { ONTOLOGY_FIELDS } from "@/features/ontology/fields";
import type { Ontology } from "@/features/ontology/ontology-query";
import { SankeyPicture } from "@/features/ontology/sankey-picture";
import { StreamDetail } from "@/features/ontology/stream-detail";
import type { StreamMapping } from "@/features/ontology/streams";
import { SectionCard } from "@/ui/section-card";
import { useUrlState } from "@/ui/use-url-state";
import classes from "./stream-detail.module.css";

interface DiagramProps {
  ontology: Ontology;
  streams: readonly StreamMapping[];
}

export function Diagram({ ontology, streams }: DiagramProps) {
  const [{ stream: chosen }, set] = useUrlState(ONTOLOGY_FIELDS);
  const [pointed, point] = useState<string | null>(null);
  const active = pointed ?? chosen;
  const idle = entitiesWithoutStreams(ontology);
  return (
    <SectionCard title="From sources to views" hint={<Legend isCounted={ontology.snapshot_id !== null} />}>
      <div className={classes.both}>
        <SankeyPicture
          ontology={ontology}
          active={active}
          onPoint={point}
          onChoose={(stream) => set({ stream: stream === chosen ? "" : stream })}
        />
        <div className={classes.side}>
          <StreamDetail
            of={streams.find(({ id }) => id === active)}
            isChosen={chosen !== "" && active === chosen}
            onLeave={() => set({ stream: "" })}
          />
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

function Legend({ isCounted }: { isCounted: boolean }) {
  return (
    <Group gap="md">
      <Mark colour="source" word="sources and their streams" />
      <Mark colour="entity" word="entities" />
      <Mark colour="insight" word="views" />
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
