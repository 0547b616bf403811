/** What a listing is asked: of which publication, which rows, in which order, with which columns. */

export interface Asked {
  view: string;
  /** Empty: no text is looked for. */
  q: string;
  /** `field:op:value`; all must hold. */
  where: readonly string[];
  /** `-annual_revenue,name`; empty: newest source change first. */
  sort: string;
  /** A publication never changes: what was asked of one is never out of date. */
  snapshotId: number;
}

/** The query of the API; nothing that was not said. */
export function queryOf({ q, where, sort, snapshotId }: Asked) {
  return {
    q: q === "" ? undefined : q,
    where: where.length === 0 ? undefined : [...where],
    sort: sort === "" ? undefined : sort,
    as_of: String(snapshotId),
  };
}

export function isNarrowed({ q, where }: Pick<Asked, "q" | "where">): boolean {
  return q !== "" || where.length > 0;
}
