/** One value of one row, followed back: the record it was taken from, and those that gave way. */
import { useQuery } from "@tanstack/react-query";

import {
  provenanceQuery,
  sourcesQuery,
  type Cell,
  type Contribution,
  type RowPlace,
  type SourceSide,
} from "@/api/queries/row-queries";
import type { ColumnSource } from "@/features/lineage/column-lineage-query";

export interface Trail {
  cell: Cell;
  records: readonly SourceSide[];
}

export function useTrail(place: RowPlace | null, column: string) {
  const wanted = place ?? { view: "", entityId: "", snapshotId: 0 };
  const provenance = useQuery({ ...provenanceQuery(wanted), enabled: place !== null });
  const sources = useQuery({ ...sourcesQuery(wanted), enabled: place !== null });
  const cell = provenance.data?.cells.find((each) => each.column === column);
  const trail: Trail | undefined =
    cell === undefined || sources.data === undefined ? undefined : { cell, records: sources.data.records };
  return {
    trail,
    error: provenance.error ?? sources.error,
    /** Bookkeeping columns are computed; nothing in a record tells them. */
    isUntold: provenance.data !== undefined && cell === undefined,
    refetch: () => Promise.all([provenance.refetch(), sources.refetch()]),
  };
}

/** The record as it came; null where that is kept no more. */
export function rawOf({ records }: Trail, given: Contribution): SourceSide["raw"] {
  return records.find((record) => isSameRecord(record, given))?.raw ?? null;
}

/** What a stream gave to the value; undefined: the row has no record of it with a value. */
export function givenBy({ cell: { winner, others } }: Trail, source: ColumnSource) {
  const fits = ({ connection_id, stream, rules }: Contribution) =>
    connection_id === source.connection_id &&
    stream === source.stream &&
    // A stream may fill the column by several rules, for records of several times.
    (rules.length === 0 || rules.some((rule) => source.source_fields.includes(rule.source)));
  if (winner !== null && fits(winner)) return { contribution: winner, part: "shown" as const };
  const other = others.find(fits);
  return other === undefined ? undefined : { contribution: other, part: "gave way" as const };
}

function isSameRecord(record: SourceSide, { connection_id, stream, record_id }: Contribution): boolean {
  return record.connection_id === connection_id && record.stream === stream && record.record_id === record_id;
}
