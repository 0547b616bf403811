/** How a row changed over the publications that are kept, newest first. */
import { Stack, Text, Timeline } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { View } from "@/api/queries/views-query";
import { cellText } from "@/features/views/cell-text";
import { columnTitle } from "@/features/views/columns";
import { RowMissing } from "@/features/views/row-missing";
import { historyQuery, type Change, type RowPlace } from "@/features/views/row-queries";
import { CardSkeleton } from "@/ui/skeletons";
import { When } from "@/ui/when";

interface RowHistoryProps {
  place: RowPlace;
  view: View;
  connections: ReadonlyMap<string, string>;
}

export function RowHistory({ place, view, connections }: RowHistoryProps) {
  const { data, error, refetch } = useQuery(historyQuery(place));
  if (data === undefined) {
    return error === null ? <CardSkeleton lines={8} /> : <RowMissing error={error} onRetry={() => void refetch()} />;
  }
  const kindOf = (name: string) => view.columns.find((column) => column.name === name)?.type ?? "text";
  return (
    <Stack gap="md">
      <Text size="xs" c="dimmed">
        Over the publications that are kept; the oldest of them tells the whole row.
      </Text>
      <Timeline bulletSize={14} lineWidth={2} active={data.items.length}>
        {data.items.map((change, at) => (
          <Timeline.Item key={change.snapshot_id} title={titleOf(change, at === data.items.length - 1)}>
            <Text size="xs" c="dimmed">
              published <When at={change.published_at} size="xs" /> · number {change.snapshot_id}
            </Text>
            <Stack gap={2} mt={6}>
              {Object.entries(change.changed)
                .filter(([name, value]) => at < data.items.length - 1 || (value !== null && !name.startsWith("_")))
                .map(([name, value]) => (
                  <Text key={name} size="sm" style={{ overflowWrap: "anywhere" }}>
                    <Text span c="dimmed" size="sm">
                      {columnTitle(name)}{" "}
                    </Text>
                    {cellText(value, kindOf(name), connections) || "became empty"}
                  </Text>
                ))}
            </Stack>
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}

function titleOf({ present, changed }: Change, isOldest: boolean): string {
  if (!present) return "Was not there";
  if (isOldest) return "As far back as it is kept";
  const count = Object.keys(changed).length;
  return count === 1 ? "One value changed" : `${count} values changed`;
}
