/** Whether the list of shortcuts is shown; the menu, the palette and `?` open it. */
import { useSyncExternalStore } from "react";

let isOpen = false;
const listeners = new Set<() => void>();

export function setShortcutsOpen(open: boolean): void {
  isOpen = open;
  listeners.forEach((listener) => listener());
}

export function showShortcuts(): void {
  setShortcutsOpen(true);
}

export function useShortcutsOpen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isOpen,
  );
}
