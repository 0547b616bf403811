/** Whether the history is as it was written, in the words of the check. */
import { Button, Card, Group, Skeleton, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { auditVerificationQuery } from "@/features/activity/audit-verification-query";
import type { Schemas } from "@/api/types";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

type Verification = Schemas["AuditVerificationOut"];

export function VerificationCard() {
  const { data, error, refetch, isFetching, dataUpdatedAt } = useQuery(auditVerificationQuery());
  if (data === undefined && error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <Card withBorder padding="md" component="section" aria-label="Verification of the history">
      <Group justify="space-between" gap="sm" mih={44}>
        <div style={{ flex: "1 1 18rem" }} role="status">
          {data === undefined ? (
            <Skeleton h={{ base: 88, xs: 36 }} maw={420} />
          ) : (
            <Told result={data} at={dataUpdatedAt} />
          )}
        </div>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconShieldCheck size={14} />}
          loading={isFetching}
          onClick={() => void refetch()}
        >
          Verify now
        </Button>
      </Group>
    </Card>
  );
}

function Told({ result, at }: { result: Verification; at: number }) {
  return (
    <>
      <Group gap="sm">
        <StatusBadge size="sm" tone={result.ok ? "good" : "bad"}>
          {result.ok ? "whole" : "not as it was written"}
        </StatusBadge>
        <Text size="sm" fw={600}>
          {result.length === null
            ? result.problem
            : `${formatCount(result.length)} events, each chained to the one before`}
        </Text>
      </Group>
      <Text size="xs" c="dimmed" mt={2}>
        {result.broken_at !== null && `The first that differs is number ${result.broken_at}. `}
        Compared with {formatCount(result.heads_compared)} signed {result.heads_compared === 1 ? "head" : "heads"} kept
        outside the database, <When at={new Date(at).toISOString()} size="xs" />.
      </Text>
    </>
  );
}
