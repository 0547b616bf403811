/** The source records of a row side by side: as the view reads them, or as they came. */
import { SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { provenanceQuery, sourcesQuery, type RowPlace } from "@/api/queries/row-queries";
import type { View } from "@/api/queries/views-query";
import { VIEW_FIELDS } from "@/features/views/fields";
import { RawRecords } from "@/features/views/raw-records";
import { ReadRecords } from "@/features/views/read-records";
import { RowMissing } from "@/features/views/row-missing";
import { Empty } from "@/ui/empty";
import { CardSkeleton } from "@/ui/skeletons";
import { useUrlState } from "@/ui/use-url-state";

interface RowSourcesProps {
  place: RowPlace;
  view: View;
  connections: ReadonlyMap<string, string>;
}

export function RowSources({ place, view, connections }: RowSourcesProps) {
  const { data, error, refetch } = useQuery(sourcesQuery(place));
  // Which record told what; without an answer nothing is marked.
  const cells = useQuery(provenanceQuery(place)).data?.cells ?? [];
  const [{ side, cell }, set] = useUrlState(VIEW_FIELDS);
  if (data === undefined) {
    return error === null ? <CardSkeleton lines={12} /> : <RowMissing error={error} onRetry={() => void refetch()} />;
  }
  if (data.records.length === 0) return <Empty title="No source record is kept for this row" />;
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Which side of the records"
        value={side}
        onChange={(next) => set({ side: next === "raw" ? "raw" : "read" })}
        data={[
          { value: "read", label: "As the view reads them" },
          { value: "raw", label: "As they came" },
        ]}
      />
      {side === "read" ? (
        <ReadRecords records={data.records} cells={cells} view={view} connections={connections} />
      ) : (
        <RawRecords records={data.records} cells={cells} column={cell} />
      )}
    </Stack>
  );
}
