/** What fills one column of a view: source fields, how they are read, and how sure that is; for one row, its value. */
import { Text } from "@mantine/core";
import { IconGitBranch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ProblemError } from "@/api/problem";
import { coverageQuery } from "@/api/queries/coverage-query";
import type { RowPlace } from "@/api/queries/row-queries";
import type { View } from "@/api/queries/views-query";
import { Beside } from "@/features/lineage/beside";
import { columnLineageQuery } from "@/features/lineage/column-lineage-query";
import { columnPicture } from "@/features/lineage/column-picture";
import { ColumnTable } from "@/features/lineage/column-table";
import { LineagePicture } from "@/features/lineage/lineage-picture";
import { useTrail } from "@/features/lineage/row-trail";
import { ValueTrail } from "@/features/lineage/value-trail";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { PictureSkeleton } from "@/ui/picture-skeleton";

interface ColumnPanelProps {
  view: View;
  column: string;
  /** The row that is followed; empty: none. */
  row: string;
  asOf: number;
}

const GAP = 190;

export function ColumnPanel({ view, column, row, asOf }: ColumnPanelProps) {
  const { data, error, refetch } = useQuery(columnLineageQuery(view.name, column));
  const snapshotId = asOf === 0 ? view.snapshot_id : asOf;
  const place: RowPlace | null =
    row === "" || snapshotId === null ? null : { view: view.name, entityId: row, snapshotId };
  const found = useTrail(place, column);
  const { trail } = found;
  const counted = useQuery(coverageQuery()).data?.views.find((each) => each.view === view.name);
  const isFilled = column.startsWith("_") || (counted?.columns.find((each) => each.column === column)?.filled ?? 0) > 0;
  const picture = useMemo(() => data && columnPicture(data, view.entity, trail), [data, view.entity, trail]);

  if (error instanceof ProblemError && error.status === 404) {
    return <Empty title={`The view ${view.name} has no column “${column}”`}>Choose another one above.</Empty>;
  }
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined || picture === undefined) return <PictureSkeleton />;
  const { description, sources } = data;
  return (
    <>
      {description !== null && (
        <Text size="sm" c="dimmed">
          {description}
        </Text>
      )}
      {place !== null && <ValueTrail view={view} column={column} place={place} asOf={asOf} found={found} />}
      {sources.length === 0 ? (
        <Empty title={`No source field fills ${column}`} icon={<IconGitBranch size={24} stroke={1.6} />}>
          {isFilled
            ? "No rule reads a field into it: the platform fills it, from what it keeps of each record."
            : "It stays empty until a stream with a fitting field is mapped onto it."}
        </Empty>
      ) : (
        <Beside
          picture={
            <LineagePicture
              label={`Source fields of ${column}; the table lists them`}
              cards={picture.cards}
              flows={picture.flows}
              gap={GAP}
            />
          }
          table={<ColumnTable view={view.name} column={column} sources={sources} />}
        />
      )}
    </>
  );
}
