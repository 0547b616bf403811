/** What those who run the platform see besides: what waits, what is late, and what runs here. */
import { Card, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Schemas } from "@/api/types";
import { lagQuery } from "@/features/architecture/lag-query";
import { queuesQuery } from "@/features/architecture/queues-query";
import { versionsQuery } from "@/features/architecture/versions-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Facts } from "@/ui/facts";
import { Failure } from "@/ui/failure";
import { formatCount, formatSeconds } from "@/ui/numbers";
import { CardSkeleton } from "@/ui/skeletons";
import { Unknown } from "@/ui/unknown";

type Queue = Schemas["QueueOut"];

export function OperatorPanels() {
  const queues = useQuery(queuesQuery());
  const lag = useQuery(lagQuery());
  const versions = useQuery(versionsQuery());
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title="What waits or runs" query={queues}>
          {(told) => (
            <Stack gap="md">
              <QueueTable label="Queues" rows={told.queues} nothing="Nothing waits and nothing runs." />
              <Facts facts={transportFacts(told)} />
            </Stack>
          )}
        </Panel>
        <Panel title="What is late" query={lag}>
          {(told) => <QueueTable label="Lag" rows={told.lag} nothing="Every view and every connection is in time." />}
        </Panel>
      </SimpleGrid>
      <Panel title="What runs here" query={versions}>
        {(told) => <Facts cols={4} facts={versionFacts(told)} />}
      </Panel>
    </>
  );
}

interface PanelProps<T> {
  title: string;
  query: UseQueryResult<T>;
  children: (told: T) => ReactNode;
}

function Panel<T>({ title, query, children }: PanelProps<T>) {
  const { data, error, refetch } = query;
  return (
    <Card withBorder component="section" aria-label={title}>
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      {data !== undefined ? (
        children(data)
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <CardSkeleton lines={4} />
      )}
    </Card>
  );
}

const COLUMNS: readonly Column<Queue>[] = [
  { key: "queue", header: "What", cell: ({ queue }) => queue },
  { key: "state", header: "State", cell: ({ state }) => state },
  { key: "count", header: "How many", width: "100px", align: "right", cell: ({ count }) => formatCount(count) },
  {
    key: "oldest",
    header: "The oldest since",
    width: "150px",
    align: "right",
    cell: ({ oldest_age_s: age }) => <Age seconds={age} />,
  },
]; // prettier-ignore

/** What is not due yet waits on purpose. */
function Age({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <Unknown why="No time is told" />;
  return seconds < 0 ? "not due yet" : formatSeconds(seconds);
}

function QueueTable({ label, rows, nothing }: { label: string; rows: readonly Queue[]; nothing: string }) {
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {nothing}
      </Text>
    );
  return (
    <DataTable
      label={label}
      columns={COLUMNS}
      rows={rows}
      rowKey={({ queue, state }) => `${queue} ${state}`}
      minWidth={420}
      rowHeight={40}
    />
  );
}

function transportFacts({ broker, nudges, batches }: Schemas["QueuesOut"]) {
  return [
    { name: "Runs no worker has taken", value: formatCount(broker) },
    { name: "Wake-up calls not heard", value: formatCount(nudges) },
    { name: "Batches delivered, not acknowledged", value: formatCount(batches.pending) },
    {
      name: "Batches not delivered",
      value: batches.unread === null ? <Unknown why="The server cannot tell" /> : formatCount(batches.unread),
    },
    {
      name: "Streams of batches",
      value: `${formatCount(batches.streams)}${batches.complete ? "" : " looked at, there are more"}`,
    },
  ];
}

function versionFacts(told: Schemas["VersionsOut"]) {
  return [
    { name: "Application", value: told.application },
    { name: "Revision", value: told.revision ?? <Unknown why="Not told when it was built" /> },
    { name: "Python", value: told.python },
    { name: "Migration", value: told.migration ?? <Unknown why="The tables do not tell" /> },
    ...Object.entries(told.packages).map(([name, version]) => ({
      name,
      value: version ?? <Unknown why="Not installed" />,
    })),
  ];
}
