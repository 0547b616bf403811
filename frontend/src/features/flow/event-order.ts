/** Events of the history and of the stream as one list, in the order in which they happened. */
import type { Gap, LiveEvent } from "@/live/event-stream";

/** Below nought when `a` happened first. Ids are `milliseconds-number`. */
export function compareIds(a: string, b: string): number {
  const [msA = 0, numberA = 0] = a.split("-").map(Number);
  const [msB = 0, numberB = 0] = b.split("-").map(Number);
  return msA - msB || numberA - numberB;
}

/** Oldest first, each once. */
export function merged(history: readonly LiveEvent[], live: readonly LiveEvent[]): LiveEvent[] {
  const all = new Map([...history, ...live].map((event) => [event.id, event]));
  return [...all.values()].sort((a, b) => compareIds(a.id, b.id));
}

export type Entry = { event: LiveEvent; gap?: undefined } | { gap: Gap; event?: undefined };

/** Newest first, with the gaps where something is missing. */
export function withGaps(events: readonly LiveEvent[], gaps: readonly Gap[]): Entry[] {
  const entries: Entry[] = [...events.map((event) => ({ event })), ...gaps.map((gap) => ({ gap }))];
  return entries.sort((a, b) => compareIds(placeOf(b), placeOf(a)));
}

/** A gap ends right before the oldest event that is kept behind it. */
function placeOf(entry: Entry): string {
  return entry.event?.id ?? entry.gap?.to ?? entry.gap?.from ?? "0-0";
}
