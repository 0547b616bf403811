/** Stages of the way into the views, each with a sign and a word for where it is. */
import { Group, Text, VisuallyHidden } from "@mantine/core";
import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconLoader2 } from "@tabler/icons-react";

import type { Stage, StageState } from "@/features/connections/wizard/sync-stages";
import classes from "./stage-list.module.css";

const LOOKS: Record<StageState, { icon: typeof IconLoader2; colour: string; word: string }> = {
  done: { icon: IconCircleCheckFilled, colour: "source.6", word: "done" },
  now: { icon: IconLoader2, colour: "entity.6", word: "under way" },
  later: { icon: IconCircleDashed, colour: "dimmed", word: "to come" },
  failed: { icon: IconCircleXFilled, colour: "red.6", word: "failed" },
};

export function StageList({ stages }: { stages: readonly Stage[] }) {
  return (
    <Group component="ol" gap="lg" m={0} p={0} style={{ listStyle: "none" }} aria-live="polite">
      {stages.map(({ title, state }) => {
        const { icon: Icon, colour, word } = LOOKS[state];
        return (
          <Group component="li" key={title} gap={8} wrap="nowrap">
            <Text span c={colour} lh={0}>
              <Icon size={20} className={state === "now" ? classes.turning : undefined} aria-hidden />
            </Text>
            <Text span size="sm" fw={state === "now" ? 700 : 600} c={state === "later" ? "dimmed" : undefined}>
              {title}
              <VisuallyHidden>: {word}</VisuallyHidden>
            </Text>
          </Group>
        );
      })}
    </Group>
  );
}
