/** One part in the picture and in the list: its name, its state in a word, and a press for the rest. */
import { UnstyledButton } from "@mantine/core";

import type { PartState } from "@/features/architecture/known";
import type { Part } from "@/features/architecture/parts";
import { TONES } from "@/ui/tones";
import classes from "./architecture.module.css";

interface PartCardProps {
  part: Part;
  state: PartState;
  isOpen: boolean;
  onOpen: (id: string) => void;
}

export function PartCard({ part, state, isOpen, onOpen }: PartCardProps) {
  const { icon: Icon, colour } = TONES[state.tone];
  return (
    <UnstyledButton
      className={classes.part}
      data-hue={part.hue}
      data-open={isOpen || undefined}
      aria-label={`${part.title}: ${state.word}`}
      aria-haspopup="dialog"
      onClick={() => onOpen(part.id)}
    >
      <span className={classes.title}>{part.title}</span>
      <span className={classes.state}>
        <span className={classes.tone} style={{ color: `var(--mantine-color-${colour}-light-color)` }} aria-hidden>
          <Icon size={13} />
        </span>
        {state.word}
      </span>
    </UnstyledButton>
  );
}
