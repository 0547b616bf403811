/** One stage in full: what it does, how it is doing, and what it told of last. */
import { Anchor, Drawer, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { EventRow } from "@/features/flow/event-row";
import { isOfStage } from "@/features/flow/effects";
import { STAGE_WORDS, type Stage } from "@/features/flow/places";
import type { LiveEvent } from "@/live/event-stream";
import classes from "./event-log.module.css";

const SHOWN = 12;

interface StageDrawerProps {
  stage: Stage | null;
  /** Oldest first. */
  events: readonly LiveEvent[];
  meaning: ReadonlyMap<string, string>;
  names: ReadonlyMap<string, string>;
  onOpen: (id: string) => void;
  onClose: () => void;
}

export function StageDrawer({ stage, events, meaning, names, onOpen, onClose }: StageDrawerProps) {
  const title = stage === null ? "" : STAGE_WORDS[stage].title;
  const own = stage === null ? [] : events.filter((event) => isOfStage(event, stage)).slice(-SHOWN);
  return (
    <Drawer opened={stage !== null} onClose={onClose} position="right" size="lg" title={title}>
      {stage !== null && (
        <Stack gap="md">
          <Text>{STAGE_WORDS[stage].does}.</Text>
          {stage === "people" && (
            <Anchor component={Link} to="/approvals" fw={600}>
              Open the approvals
            </Anchor>
          )}
          <Title order={3} size="h5">
            What was told of it last
          </Title>
          {own.length === 0 && <Text c="dimmed">Nothing among the events that are here.</Text>}
          <ol className={classes.own}>
            {own.toReversed().map((event) => (
              <li key={event.id}>
                <EventRow
                  event={event}
                  meaning={meaning.get(event.kind)}
                  name={names.get(String(event.data["connection_id"]))}
                  isOpen={false}
                  onOpen={onOpen}
                />
              </li>
            ))}
          </ol>
        </Stack>
      )}
    </Drawer>
  );
}
