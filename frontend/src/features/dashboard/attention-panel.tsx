/** What does not go on without a person, with the reason and where to act. */
import { Box, Skeleton, Stack, Text } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { firstApprovalsQuery } from "@/api/queries/first-approvals-query";
import type { Connection } from "@/api/types";
import { Panel } from "@/features/dashboard/panel";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { formatAtLeast } from "@/ui/numbers";
import { TONES, type Tone } from "@/ui/tones";
import { When } from "@/ui/when";
import classes from "./dashboard.module.css";

export function AttentionPanel() {
  return (
    <Panel title="Needs a person" more={{ label: "All connections", link: { to: "/connections" } }}>
      <div className={classes.list} tabIndex={0} role="group" aria-label="What needs a person">
        <Items />
      </div>
    </Panel>
  );
}

function Items() {
  const connections = useQuery(connectionsQuery());
  const approvals = useQuery(firstApprovalsQuery());
  const failed = [connections, approvals].find((query) => query.isError && query.data === undefined);
  if (failed !== undefined) return <Failure error={failed.error} onRetry={() => void failed.refetch()} />;
  if (connections.data === undefined || approvals.data === undefined) return <Waiting />;
  const failing = connections.data.filter(({ status }) => status === "needs_person" || status === "failing");
  const safe = connections.data.filter((each) => each.safe_mode && !failing.includes(each));
  const { items: waiting, hasMore } = approvals.data;
  const oldest = waiting[0];
  if (failing.length === 0 && safe.length === 0 && oldest === undefined)
    return (
      <Empty title="Nothing needs you" icon={<IconMoodSmile size={24} stroke={1.6} />}>
        Connections that cannot go on by themselves show here, with what to do.
      </Empty>
    );
  return (
    <>
      {failing.map((connection) => (
        <Failing key={connection.id} connection={connection} />
      ))}
      {oldest !== undefined && (
        <Item tone="waiting" to="/approvals" title={`${counted(waiting.length, hasMore)} for a decision`}>
          The oldest, {oldest.kind} in {oldest.stream}, since <When at={oldest.created_at} size="xs" />
        </Item>
      )}
      {safe.map(({ id, name }) => (
        <Item key={id} tone="careful" to={`/connections/${id}`} title={name}>
          In Safe Mode: its syncs are samples until that is lifted.
        </Item>
      ))}
    </>
  );
}

function counted(count: number, hasMore: boolean): string {
  return count === 1 ? "1 repair waits" : `${formatAtLeast(count, hasMore)} repairs wait`;
}

function Failing({ connection }: { connection: Connection }) {
  const { id, name, status, error, last_sync: last } = connection;
  return (
    <Item tone="bad" to={`/connections/${id}`} title={name}>
      {error ?? (status === "failing" ? "Its last sync failed." : "It cannot go on by itself.")}
      {last?.error?.hint ? ` ${last.error.hint}` : ""}
    </Item>
  );
}

function Item({ tone, to, title, children }: { tone: Tone; to: string; title: string; children: ReactNode }) {
  const { icon: Icon, colour } = TONES[tone];
  return (
    <Link to={to} className={classes.item}>
      <Box c={`var(--mantine-color-${colour}-light-color)`} mt={2} lh={0}>
        <Icon size={16} />
      </Box>
      <Box miw={0}>
        <Text size="sm" fw={600} truncate>
          {title}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={3} component="div">
          {children}
        </Text>
      </Box>
    </Link>
  );
}

function Waiting() {
  return (
    <Stack gap="md" p="xs" aria-busy data-state="loading">
      {[0, 1, 2].map((each) => (
        <Skeleton key={each} height={36} radius="sm" />
      ))}
    </Stack>
  );
}
