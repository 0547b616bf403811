/** A moment: how long ago (or until), with the exact time on hover and for machines. */
import { Text, Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";

import { everySecond } from "@/ui/clock";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function relativeTime(at: Date, now: number): string {
  const seconds = (at.getTime() - now) / 1000;
  if (Math.abs(seconds) < 5) return "now";
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return words.format(Math.trunc(seconds / size), unit);
}

export function When({ at, size }: { at: string; size?: string }) {
  const moment = new Date(at);
  const text = useSyncExternalStore(everySecond, () => relativeTime(moment, Date.now()));
  return (
    <Tooltip label={exact.format(moment)} withArrow openDelay={300}>
      <Text component="time" dateTime={at} span size={size} style={{ whiteSpace: "nowrap" }}>
        {text}
      </Text>
    </Tooltip>
  );
}
