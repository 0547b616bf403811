/** What runs and waits now, with how far it is as far as it was heard. */
import { Box, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { connectionsQuery } from "@/api/queries/connections-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import type { Schemas } from "@/api/types";
import { Panel } from "@/features/dashboard/panel";
import { progressOf } from "@/features/dashboard/progress";
import { StageBar } from "@/features/dashboard/stage-bar";
import { useLiveEvents } from "@/live/use-live";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";
import classes from "./dashboard.module.css";

type Running = Schemas["RunningOut"];

const WORDS: Record<Running["kind"], string> = {
  sync: "Sync",
  replay: "Replay",
  refresh_views: "Views are built",
  rebuild: "Everything is derived anew",
};
const HEARD = { kinds: ["stage", "sync.stream"] };

export function RunningPanel() {
  return (
    <Panel title="Running now" more={{ label: "Activity", link: { to: "/activity" } }}>
      <div className={classes.list} tabIndex={0} role="group" aria-label="What runs now">
        <Runs />
      </div>
    </Panel>
  );
}

function Runs() {
  const { data, error, refetch } = useQuery(tenantStateQuery());
  const names = new Map(useQuery(connectionsQuery()).data?.map(({ id, name }) => [id, name]));
  if (data === undefined && error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined)
    return (
      <Stack gap="md" p="xs" aria-busy data-state="loading">
        <Skeleton height={44} radius="sm" />
        <Skeleton height={44} radius="sm" />
      </Stack>
    );
  if (data.running.length === 0)
    return (
      <Empty title="Nothing runs" icon={<IconPlayerPlay size={24} stroke={1.6} />}>
        Syncs show here while they are under way. The next ones begin when they are due.
      </Empty>
    );
  return data.running.map((run) => <Run key={run.id} run={run} name={names.get(run.connection_id ?? "") ?? null} />);
}

function Run({ run, name }: { run: Running; name: string | null }) {
  const progress = progressOf(run.id, useLiveEvents(HEARD));
  const isRunning = run.status === "running";
  const counted = progress.read === null ? null : `${formatCount(progress.read)} read`;
  return (
    <Link
      to={run.connection_id ? `/connections/${run.connection_id}` : "/activity"}
      // Pages are a table, so the router does not know their searches by type.
      search={(run.connection_id ? { tab: "runs", run: run.id } : {}) as never}
      className={classes.item}
    >
      <Box flex={1} miw={0}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm" fw={600} truncate>
            {name ?? WORDS[run.kind]}
          </Text>
          <StatusBadge tone={isRunning ? "busy" : "unknown"} size="sm">
            {isRunning ? "running" : "waits"}
          </StatusBadge>
        </Group>
        <Text size="xs" c="dimmed" truncate component="div">
          {name !== null && `${WORDS[run.kind]}, `}
          {isRunning ? "since " : "asked for "}
          <When at={run.started_at ?? run.requested_at} size="xs" />
          {counted !== null && ` · ${counted}`}
          {isRunning && progress.stage !== null && ` · ${progress.isBetween ? "after " : ""}${progress.stage}`}
        </Text>
        <StageBar kind={run.kind} stage={isRunning ? progress.stage : null} isBetween={progress.isBetween} />
      </Box>
    </Link>
  );
}
