/** How a connection is doing: what needs somebody, when it was fresh last, and why syncs failed. */
import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { circuitInWords, overdueInWords } from "@/features/connections/detail/health-words";
import { FedViews } from "@/features/connections/detail/fed-views";
import { LastErrors } from "@/features/connections/detail/last-errors";
import { healthQuery, type Health } from "@/features/connections/health-query";
import { LastResult } from "@/features/connections/last-result";
import { NextSync } from "@/features/connections/next-sync";
import { SafeModeNote } from "@/features/connections/safe-mode-note";
import { SyncFailure } from "@/features/connections/sync-notes";
import { WaitingLinks } from "@/features/connections/waiting-links";
import { Facts } from "@/ui/facts";
import { Failure } from "@/ui/failure";
import { formatCount, formatSeconds } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { CardSkeleton } from "@/ui/skeletons";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function OverviewPanel({ connection }: { connection: Connection }) {
  const mayViews = useMay()("views.read");
  const { data: health, error, refetch } = useQuery(healthQuery(connection.id));
  if (error !== null && health === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (health === undefined) return <CardSkeleton lines={9} />;
  const why = connection.last_sync?.error ?? null;
  return (
    <Stack gap="md">
      {(health.status === "failing" || health.status === "needs_person") && why !== null && <SyncFailure error={why} />}
      <SafeModeNote connection={connection} />
      <Card withBorder padding="lg" component="section" aria-label="Health">
        <Title order={2} size="h5" mb="md">
          Health
        </Title>
        <Facts facts={[...healthFacts(connection, health), ...(mayViews ? [fedFact(connection.id)] : [])]} />
      </Card>
      <Card withBorder padding="lg" component="section" aria-label="About it">
        <Title order={2} size="h5" mb="md">
          About it
        </Title>
        <Facts facts={aboutFacts(connection)} />
      </Card>
      <LastErrors connectionId={connection.id} errors={health.last_errors} />
    </Stack>
  );
}

function fedFact(connectionId: string) {
  return { name: "Records in the views", value: <FedViews connectionId={connectionId} /> };
}

function healthFacts(connection: Connection, health: Health) {
  const circuit = circuitInWords(health);
  return [
    { name: "Last result", value: <LastResult connection={connection} /> },
    {
      name: "Last good sync",
      value:
        health.last_success_at === null ? <Unknown why="None succeeded yet" /> : <When at={health.last_success_at} />,
    },
    {
      name: "Next sync",
      value: (
        <>
          <NextSync connection={connection} />
          {health.overdue_s !== null && (
            <Text size="xs" c="dimmed">
              {overdueInWords(health.overdue_s)}
            </Text>
          )}
        </>
      ),
    },
    {
      name: "Circuit",
      value: (
        <Group gap={8}>
          <StatusBadge size="sm" tone={circuit.tone} hint={circuit.hint}>
            {circuit.word}
          </StatusBadge>
          {health.circuit_open_until !== null && health.circuit === "open" && (
            <Text span size="sm">
              until <When at={health.circuit_open_until} />
            </Text>
          )}
        </Group>
      ),
    },
    { name: "Failures in a row", value: formatCount(health.failures_in_a_row) },
    { name: "Waits for a person", value: <WaitingLinks connection={connection} /> },
  ];
}

function aboutFacts(connection: Connection) {
  const sync = connection.last_sync;
  return [
    {
      name: "Last sync took",
      value: sync?.duration_s != null ? formatSeconds(sync.duration_s) : <Unknown why="No sync has ended yet" />,
    },
    { name: "Risk", value: connection.risk_level },
    {
      name: "Rights",
      value:
        connection.scopes_mode === "read_only" ? "may only read, verified at the source" : "may write; nothing does",
    },
    { name: "Connected", value: <When at={connection.created_at} /> },
    { name: "Changed", value: <When at={connection.updated_at} /> },
    {
      name: "Safe Mode lifted",
      value:
        connection.safe_mode_lifted_at === null ? (
          connection.safe_mode ? (
            "not yet"
          ) : (
            <Unknown why="It was never in Safe Mode" />
          )
        ) : (
          <>
            <When at={connection.safe_mode_lifted_at} /> by {connection.safe_mode_lifted_by}
          </>
        ),
    },
    {
      name: "History",
      value: (
        <PageLink to="/activity" search={{ tab: "history", subject: `connection:${connection.id}` }} inherit>
          Who did what to it
        </PageLink>
      ),
    },
  ];
}
