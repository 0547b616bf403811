/**
 * Widths of columns by what they hold: numbers are never cut off, since a part of one reads as another; texts within
 * reason. A column keeps the width of the first rows seen, so that nothing moves while somebody reads or sorts.
 */
import { useState } from "react";

import type { View, ViewColumn } from "@/api/queries/views-query";
import { columnTitle } from "@/features/views/columns";
import type { Row } from "@/features/views/rows-query";
import { cellText, isRight } from "@/ui/cell-text";

const LETTER = 8.5;
const PADDING = 26;
/** The heading's menu and the arrow of an order. */
const HEAD_TOOLS = 58;
const LEAST = 96;
const MOST = 280;
const MOST_NUMBER = 420;
const LOOKED_AT = 100;
/** Of texts, the one that so many are not longer than. */
const USUAL = 0.9;

type Names = ReadonlyMap<string, string>;

export function useWidths(view: View, rows: readonly Row[] | undefined, connections: Names) {
  const [widths, setWidths] = useState<ReadonlyMap<string, number>>(new Map());
  const first = rows?.[0];
  const fresh = first === undefined ? [] : view.columns.filter(({ name }) => name in first && !widths.has(name));
  if (rows !== undefined && fresh.length > 0) {
    const seen = rows.slice(0, LOOKED_AT);
    setWidths(
      new Map([...widths, ...fresh.map((column) => [column.name, widthOf(column, seen, connections)] as const)]),
    );
  }
  return widths;
}

export function widthOf({ name, type }: ViewColumn, rows: readonly Row[], connections: Names): number {
  const lengths = rows.map((row) => cellText(row[name], type, connections).length).sort((left, right) => left - right);
  const at = isRight(type) ? lengths.length - 1 : Math.floor((lengths.length - 1) * USUAL);
  const text = (lengths[at] ?? 0) * LETTER + PADDING;
  const head = columnTitle(name).length * LETTER * HEAD_SHARE + HEAD_TOOLS;
  return Math.round(Math.max(LEAST, head, Math.min(text, isRight(type) ? MOST_NUMBER : MOST)));
}

/** Headings are written smaller. */
const HEAD_SHARE = 0.88;
