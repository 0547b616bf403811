/** Sources that were wanted and do not deliver: what stands in the way of each, and what to do. Nothing to show, no card. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { funnelQuery } from "@/features/connections/funnel-query";
import { IntentRow } from "@/features/connections/intent-row";
import { waitingIntentsQuery } from "@/features/connections/intents-query";
import { Failure } from "@/ui/failure";
import { formatCount, formatShare } from "@/ui/numbers";

export function FunnelCard() {
  const { data: intents, error, refetch } = useQuery(waitingIntentsQuery());
  const hasAny = intents !== undefined && intents.length > 0;
  if (error !== null && intents === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!hasAny) return null;
  return (
    <Card withBorder padding="md" component="section" aria-label="Sources that wait to be connected">
      <Group justify="space-between" gap="sm" mb="sm">
        <Title order={2} size="h5">
          {intents.length === 1
            ? "1 source waits to be connected"
            : `${formatCount(intents.length)} sources wait to be connected`}
        </Title>
        <Share />
      </Group>
      <Stack gap={0}>
        {intents.map((intent) => (
          <IntentRow key={intent.id} intent={intent} />
        ))}
      </Stack>
    </Card>
  );
}

function Share() {
  const { data } = useQuery(funnelQuery());
  if (data === undefined) return null;
  return (
    <Text size="sm" c="dimmed">
      {formatCount(data.active)} of {formatCount(data.eligible)} deliver
      {data.day_one !== null && ` (${formatShare(data.day_one)}, aim ${formatShare(data.day_one_objective)})`}
    </Text>
  );
}
