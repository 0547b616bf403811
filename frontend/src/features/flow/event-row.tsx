/** One event in a list: what happened, to what, with its figures, and when. */
import { UnstyledButton } from "@mantine/core";

import { detailsOf, toneOf } from "@/features/flow/event-look";
import { headlineOf } from "@/features/flow/event-words";
import type { LiveEvent } from "@/live/event-stream";
import { TONES } from "@/ui/tones";
import classes from "./event-log.module.css";

const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

interface EventRowProps {
  event: LiveEvent;
  /** What its kind means, in the API's words. */
  meaning: string | undefined;
  /** The connection that it is about. */
  name: string | undefined;
  isOpen: boolean;
  onOpen: (id: string) => void;
}

export function EventRow({ event, meaning, name, isOpen, onOpen }: EventRowProps) {
  const { icon: Icon, colour } = TONES[toneOf(event.kind)];
  const details = detailsOf(event);
  const at = new Date(event.at);
  const isToday = at.toDateString() === new Date().toDateString();
  return (
    <UnstyledButton className={classes.row} data-open={isOpen || undefined} onClick={() => onOpen(event.id)}>
      <span className={classes.tone} style={{ color: `var(--mantine-color-${colour}-light-color)` }} aria-hidden>
        <Icon size={16} />
      </span>
      <span className={classes.words}>
        <span className={classes.headline}>
          <b>{headlineOf(event)}</b>
          {name !== undefined && <span className={classes.about}>{name}</span>}
        </span>
        <span className={classes.details}>{details === "" ? meaning : details}</span>
      </span>
      <time className={classes.time} dateTime={event.at}>
        {!isToday && `${DAY.format(at)}, `}
        {TIME.format(at)}
      </time>
    </UnstyledButton>
  );
}
