/** Which columns of a view are shown: those asked for, else those that hold something. */
import type { ColumnCoverage } from "@/api/queries/coverage-query";
import type { View, ViewColumn } from "@/api/queries/views-query";
import type { Kind } from "@/ui/cell-text";

const NAMES = ["name", "full_name", "title", "subject", "email"];
const WIDTHS: Record<Kind, number> = {
  text: 190,
  integer: 120,
  decimal: 140,
  boolean: 100,
  date: 125,
  timestamp: 175,
  texts: 200,
  sources: 190,
};
const MOST_AT_FIRST = 24;

export interface GridColumn extends ViewColumn {
  width: number;
}

/** Share of rows with a value by column; a column that nobody counted is not in it. */
export type Filled = ReadonlyMap<string, number>;

export function filledOf(columns: readonly ColumnCoverage[] | undefined): Filled {
  const counted = (columns ?? []).flatMap(({ column, filled }) => (filled === null ? [] : [[column, filled] as const]));
  return new Map(counted);
}

/** A name comes first, since that column stays in sight; then the model's order, without those empty everywhere. */
export function defaultColumns(view: View, filled: Filled): string[] {
  const shown = view.columns
    .map(({ name }) => name)
    .filter((name) => (name.startsWith("_") ? name === "_source_count" : filled.get(name) !== 0));
  const first = NAMES.find((name) => shown.includes(name)) ?? shown.find((name) => !name.startsWith("_"));
  const rest = shown.filter((name) => name !== first && name !== "account_entity_id" && name !== "_source_count");
  const tail = ["_source_count", "_source_updated_at"].filter((name) => view.columns.some((one) => one.name === name));
  return [...(first === undefined ? [] : [first]), ...rest.slice(0, MOST_AT_FIRST), ...tail];
}

/** `widths`: of columns whose values are known; the others have that of their kind. */
export function gridColumns(
  view: View,
  names: readonly string[],
  widths: ReadonlyMap<string, number> = new Map(),
): GridColumn[] {
  const known = new Map(view.columns.map((column) => [column.name, column]));
  const chosen = names.flatMap((name) => known.get(name) ?? []);
  return chosen.map((column) => ({ ...column, width: widths.get(column.name) ?? WIDTHS[column.type] }));
}

/** `_source_count` -> `source count`; what is no word of ours stays as it is. */
export function columnTitle(name: string): string {
  const words = name.replace(/^_/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
