/** How long ago, in as few letters as a small card has room for; the exact time is told to machines and on hover. */
import { useSyncExternalStore } from "react";

import { everySecond } from "@/ui/clock";
import classes from "./ago.module.css";

const UNITS: readonly (readonly [word: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
];
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function shortAgo(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  const [word, size] = UNITS.find(([, each]) => seconds >= each) ?? ["", 0];
  if (size > 0) return `${Math.trunc(seconds / size)} ${word} ago`;
  return seconds < 10 ? "now" : "<1 min ago";
}

/** `isShort` where the word "ago" is only read out. */
export function Ago({ at, isShort = false }: { at: string; isShort?: boolean }) {
  const moment = Date.parse(at);
  const text = useSyncExternalStore(everySecond, () => shortAgo(moment, Date.now()));
  const [figure, isPast] = text.endsWith(" ago") ? [text.slice(0, -4), true] : [text, false];
  return (
    <time dateTime={at} title={exact.format(moment)}>
      {figure}
      {isPast && (
        <span className={classes.ago} data-short={isShort || undefined}>
          {" "}
          ago
        </span>
      )}
    </time>
  );
}
