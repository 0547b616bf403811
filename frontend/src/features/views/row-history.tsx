/** How a row changed over the publications that are kept, newest first. */
import { Stack, Text, Timeline } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { View } from "@/api/queries/views-query";
import { cellText } from "@/ui/cell-text";
import { columnTitle } from "@/features/views/columns";
import { valueChanges } from "@/features/views/row-changes";
import { RowMissing } from "@/features/views/row-missing";
import { historyQuery, type Change, type RowPlace } from "@/api/queries/row-queries";
import { LongText } from "@/ui/long-text";
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
              {valueChanges(data.items, at).map(({ column, before, after }) => {
                const say = (value: unknown) => cellText(value, kindOf(column), connections) || "no value";
                return (
                  <Text key={column} size="sm" style={{ overflowWrap: "anywhere" }}>
                    <Text span c="dimmed" size="sm">
                      {columnTitle(column)}{" "}
                    </Text>
                    {before !== undefined && (
                      <>
                        <Text span size="sm" td="line-through" c="dimmed">
                          <LongText text={say(before)} />
                        </Text>
                        {" → "}
                      </>
                    )}
                    <LongText text={say(after)} />
                  </Text>
                );
              })}
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
