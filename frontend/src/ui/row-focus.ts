/** Arrow keys between the rows of a table, also to rows that are not drawn yet. */
import type { KeyboardEvent } from "react";

export function moveFocus(event: KeyboardEvent<HTMLElement>, reveal: (index: number) => void, count: number): void {
  if (!(event.target instanceof HTMLElement) || event.target.dataset["index"] === undefined) return;
  const at = Number(event.target.dataset["index"]);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1 }[event.key];
  if (to === undefined || to < 0 || to >= count) return;
  event.preventDefault();
  const body = event.currentTarget;
  const focus = () => body.querySelector<HTMLElement>(`tr[data-index="${to}"]`)?.focus();
  reveal(to);
  if (body.querySelector(`tr[data-index="${to}"]`) === null) requestAnimationFrame(() => requestAnimationFrame(focus));
  else focus();
}
