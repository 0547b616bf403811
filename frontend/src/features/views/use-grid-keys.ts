/** Arrow keys between the cells of a grid: one cell is reached by Tab, the others from there, also those not drawn. */
import { useState, type FocusEvent, type KeyboardEvent } from "react";

export interface Place {
  row: number;
  column: number;
}

interface GridKeys {
  rows: number;
  columns: number;
  reveal: (row: number) => void;
  onOpen: (place: Place) => void;
  onCopy: (place: Place) => void;
}

const PAGE = 12;

export function useGridKeys({ rows, columns, reveal, onOpen, onCopy }: GridKeys) {
  const [active, setActive] = useState<Place>({ row: 0, column: 0 });

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const at = placeOf(event.target);
    if (at === null) return;
    const isMod = event.ctrlKey || event.metaKey;
    if (isMod && event.key === "c") {
      // A selection is copied as everywhere.
      if ((window.getSelection()?.toString() ?? "") !== "") return;
      onCopy(at);
    } else if (event.key === "Enter") {
      onOpen(at);
    } else {
      const to = target(event.key, isMod, at, { row: rows - 1, column: columns - 1 });
      if (to === null) return;
      setActive(to);
      reveal(to.row);
      focusWhenDrawn(event.currentTarget, to);
    }
    event.preventDefault();
  }

  /** A cell that was clicked is where Tab comes back to. */
  function onFocus({ target: cell }: FocusEvent<HTMLElement>) {
    const at = placeOf(cell);
    if (at !== null) setActive((now) => (now.row === at.row && now.column === at.column ? now : at));
  }

  return { active, onKeyDown, onFocus };
}

function target(key: string, isMod: boolean, at: Place, last: Place): Place | null {
  const { row, column } = at;
  const to: Place | undefined = {
    ArrowDown: { row: row + 1, column },
    ArrowUp: { row: row - 1, column },
    ArrowRight: { row, column: column + 1 },
    ArrowLeft: { row, column: column - 1 },
    PageDown: { row: row + PAGE, column },
    PageUp: { row: row - PAGE, column },
    Home: { row: isMod ? 0 : row, column: 0 },
    End: { row: isMod ? last.row : row, column: last.column },
  }[key];
  if (to === undefined) return null;
  return { row: between(to.row, last.row), column: between(to.column, last.column) };
}

function between(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

function placeOf(element: EventTarget): Place | null {
  if (!(element instanceof HTMLElement) || element.dataset["place"] === undefined) return null;
  const [row = 0, column = 0] = element.dataset["place"].split(":").map(Number);
  return { row, column };
}

function focusWhenDrawn(body: HTMLElement, { row, column }: Place): void {
  const find = () => body.querySelector<HTMLElement>(`[data-place="${row}:${column}"]`);
  const cell = find();
  if (cell !== null) cell.focus();
  else requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus()));
}
