/** The time, ten seconds exact: what depends on it is drawn anew no more often. */
import { useSyncExternalStore } from "react";

import { everySecond } from "@/ui/clock";

const STEP_MS = 10_000;

export function useNow(): number {
  return useSyncExternalStore(everySecond, () => Math.floor(Date.now() / STEP_MS) * STEP_MS);
}
