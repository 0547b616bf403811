/** One part in the picture and in the list: its name, its state in a word, and a press for the rest. */
import { UnstyledButton, VisuallyHidden } from "@mantine/core";

import type { PartState } from "@/features/architecture/known";
import type { Part } from "@/features/architecture/parts";
import { TONES } from "@/ui/tones";
import classes from "./architecture.module.css";

interface PartCardProps {
  part: Part;
  state: PartState;
  isOpen: boolean;
  onOpen: (id: string) => void;
  /** Not near the one that is looked at. */
  isFar?: boolean;
  onLook?: (id: string | null) => void;
}

export function PartCard({ part, state, isOpen, onOpen, isFar = false, onLook }: PartCardProps) {
  const { icon: Icon, colour } = TONES[state.tone];
  return (
    <UnstyledButton
      className={classes.part}
      data-hue={part.hue}
      data-open={isOpen || undefined}
      data-far={isFar || undefined}
      data-outside={part.group === "outside" || undefined}
      aria-haspopup="dialog"
      onClick={() => onOpen(part.id)}
      onMouseEnter={() => onLook?.(part.id)}
      onMouseLeave={() => onLook?.(null)}
      onFocus={() => onLook?.(part.id)}
      onBlur={() => onLook?.(null)}
    >
      <span className={classes.title}>
        {part.title}
        <VisuallyHidden>: </VisuallyHidden>
      </span>
      <span className={classes.state}>
        <span className={classes.tone} style={{ color: `var(--mantine-color-${colour}-light-color)` }} aria-hidden>
          <Icon size={13} className={state.tone === "busy" ? classes.turning : undefined} />
        </span>
        {state.word}
      </span>
    </UnstyledButton>
  );
}
