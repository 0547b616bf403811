/** One clock for all moments on the page; what reads it renders anew only when what it says changes. */
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let timer: number | undefined;

export function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Whether a moment is over, by the clock of this machine. */
export function useHasPassed(at: string): boolean {
  return useSyncExternalStore(everySecond, () => new Date(at).getTime() < Date.now());
}
