/** The order of a listing: `-annual_revenue,name`. */

export interface SortBy {
  column: string;
  descending: boolean;
}

const MOST = 5;

export function readSort(sort: string): SortBy[] {
  return sort
    .split(",")
    .filter((part) => part !== "")
    .map((part) => ({ column: part.replace(/^-/, ""), descending: part.startsWith("-") }));
}

export function writeSort(order: readonly SortBy[]): string {
  return order.map(({ column, descending }) => (descending ? `-${column}` : column)).join(",");
}

/** Up, then down, then not at all. `further`: after what the rows are ordered by already. */
export function nextSort(sort: string, column: string, further: boolean): string {
  const order = readSort(sort);
  const now = order.find((by) => by.column === column);
  const next = now === undefined ? { column, descending: false } : now.descending ? null : { column, descending: true };
  if (!further) return writeSort(next === null ? [] : [next]);
  if (now === undefined) return writeSort([...order.slice(0, MOST - 1), { column, descending: false }]);
  return writeSort(order.flatMap((by) => (by.column !== column ? [by] : next === null ? [] : [next])));
}
