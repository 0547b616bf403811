/** How many records are rejected for what, the most frequent first. */
import { Card, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { rejectsSummaryQuery } from "@/features/connections/rejects-summary-query";
import { formatCount } from "@/ui/numbers";
import classes from "./reject-reasons.module.css";

const SHOWN = 5;

interface RejectReasonsProps {
  connectionId: string;
  onStream: (stream: string) => void;
}

export function RejectReasons({ connectionId, onStream }: RejectReasonsProps) {
  const { data } = useQuery(rejectsSummaryQuery(connectionId));
  const [all, showAll] = useState(false);
  // What the list below tells, this need not: that nothing is rejected, or that it could not be had.
  if (data === undefined || data.rejected === 0) return null;
  const most = data.reasons[0]?.records ?? 1;
  const shown = all ? data.reasons : data.reasons.slice(0, SHOWN);
  return (
    <Card withBorder padding="md" component="section" aria-label="Why records were rejected">
      <Title order={2} size="h5" mb="sm">
        {formatCount(data.rejected)} {data.rejected === 1 ? "record" : "records"} rejected
      </Title>
      <Stack gap={2}>
        {shown.map(({ stream, reason, records }) => (
          <UnstyledButton
            key={`${stream}:${reason}`}
            className={classes.reason}
            onClick={() => onStream(stream)}
            title={`Show what ${stream} rejected`}
          >
            <span className={classes.bar} style={{ width: `${Math.max(1, (records / most) * 100)}%` }} aria-hidden />
            <Group justify="space-between" wrap="nowrap" gap="sm" pos="relative">
              <Text size="sm" truncate>
                {reason}{" "}
                <Text span size="xs">
                  {stream}
                </Text>
              </Text>
              <Text size="sm" fw={650}>
                {formatCount(records)}
              </Text>
            </Group>
          </UnstyledButton>
        ))}
      </Stack>
      {data.reasons.length > SHOWN && !all && (
        <UnstyledButton mt="xs" fz="sm" td="underline" onClick={() => showAll(true)}>
          Show all {data.reasons.length} reasons
        </UnstyledButton>
      )}
    </Card>
  );
}
