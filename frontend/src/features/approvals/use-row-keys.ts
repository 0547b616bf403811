/** `j` and `k` between the rows of a table, as the arrows do; the first press goes to the first row. */
import { useRef, type RefObject } from "react";

import { useHotkey } from "@/ui/use-hotkey";

export function useRowKeys(): RefObject<HTMLDivElement> {
  const around = useRef<HTMLDivElement>(null);
  useHotkey("j", "Next row", () => move(around.current, "ArrowDown"));
  useHotkey("k", "Row before", () => move(around.current, "ArrowUp"));
  return around;
}

function move(around: HTMLElement | null, key: "ArrowDown" | "ArrowUp"): void {
  const focused = document.activeElement;
  const row = focused instanceof HTMLElement && around?.contains(focused) ? focused.closest("tr[data-index]") : null;
  if (row !== null) row.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  else around?.querySelector<HTMLElement>("tr[data-index]")?.focus();
}
