/** Whether this page hears of changes as they happen. */
import { Tooltip } from "@mantine/core";
import { IconAccessPoint, IconAccessPointOff, IconLoader2 } from "@tabler/icons-react";

import { useLiveGaps, useLiveState } from "@/live/use-live";
import classes from "./shell.module.css";

const LOOKS = {
  live: { word: "Live", icon: IconAccessPoint, hint: "Changes show here as they happen." },
  connecting: { word: "Connecting", icon: IconLoader2, hint: "Opening the stream of changes." },
  waiting: {
    word: "Reconnecting",
    icon: IconAccessPointOff,
    hint: "The connection broke. It is tried again by itself, and what was missed is asked for.",
  },
};

export function LiveIndicator() {
  const state = useLiveState();
  const gaps = useLiveGaps();
  const { word, icon: Icon, hint } = LOOKS[state];
  const told =
    gaps.length === 0 ? hint : `${hint} Some events could not be told any more, so everything was loaded anew.`;
  return (
    <Tooltip label={told} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      <span className={classes.live} data-live={state} role="status" aria-label={`${word}. ${told}`} tabIndex={0}>
        <Icon size={18} stroke={1.8} aria-hidden />
        <span className={classes.liveWords}>{word}</span>
      </span>
    </Tooltip>
  );
}
