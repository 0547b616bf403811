/** One event in full: when, who, its trace, its data as it was told, and a way to the thing. */
import { Button, Drawer, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { linkOf, toneOf } from "@/features/flow/event-look";
import { eventQuery } from "@/features/flow/event-query";
import { headlineOf } from "@/features/flow/event-words";
import type { LiveEvent } from "@/live/event-stream";
import { CopyButton } from "@/ui/copy-button";
import { Empty } from "@/ui/empty";
import { Facts } from "@/ui/facts";
import { Failure } from "@/ui/failure";
import { JsonView } from "@/ui/json-view";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

interface EventDrawerProps {
  id: string;
  /** Among those that are shown; else it is asked for. */
  known: LiveEvent | undefined;
  meaning: ReadonlyMap<string, string>;
  names: ReadonlyMap<string, string>;
  onClose: () => void;
}

export function EventDrawer({ id, known, meaning, names, onClose }: EventDrawerProps) {
  return (
    <Drawer opened={id !== ""} onClose={onClose} position="right" size="lg" title="Event">
      {id !== "" && <Asked id={id} known={known} meaning={meaning} names={names} />}
    </Drawer>
  );
}

function Asked({ id, known, meaning, names }: Omit<EventDrawerProps, "onClose">) {
  const asked = useQuery({ ...eventQuery(id), enabled: known === undefined });
  const event = known ?? asked.data;
  if (event === undefined && asked.isError) return <Failure error={asked.error} onRetry={() => void asked.refetch()} />;
  if (event === undefined) return <Skeleton height={240} radius="md" data-state="loading" />;
  if (event === null)
    return <Empty title="This event is not kept any more">What it changed is in the things themselves.</Empty>;
  return <Told event={event} meaning={meaning.get(event.kind)} names={names} />;
}

interface ToldProps {
  event: LiveEvent;
  meaning: string | undefined;
  names: ReadonlyMap<string, string>;
}

function Told({ event, meaning, names }: ToldProps) {
  const link = linkOf(event);
  const connection = names.get(String(event.data["connection_id"]));
  return (
    <Stack gap="md">
      <div>
        <StatusBadge tone={toneOf(event.kind)}>{headlineOf(event)}</StatusBadge>
        {meaning !== undefined && <Text mt="xs">{meaning}</Text>}
      </div>
      <Facts
        cols={2}
        facts={[
          { name: "Kind", value: event.kind },
          { name: "When", value: <When at={event.at} /> },
          { name: "Who", value: event.actor ?? "the platform itself" },
          { name: "Connection", value: connection ?? "none" },
          { name: "Trace", value: <Trace id={event.traceId} /> },
        ]}
      />
      <JsonView value={event.data} />
      {link !== null && (
        <Button
          variant="default"
          renderRoot={(props) => <Link to={link.to} search={(link.search ?? {}) as never} {...props} />}
        >
          {link.label}
        </Button>
      )}
    </Stack>
  );
}

function Trace({ id }: { id: string | null }) {
  if (id === null) return "none: it comes from no request";
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <span>{id}</span>
      <CopyButton value={id} what="trace id" />
    </Group>
  );
}
