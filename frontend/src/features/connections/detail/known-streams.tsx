/** Streams that were synced or chosen, without asking the source. */
import { Text, Tooltip } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { MODE_WORDS } from "@/features/connections/choices";
import { streamsQuery, type StreamState } from "@/features/connections/streams-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function KnownStreams({ connectionId }: { connectionId: string }) {
  const { data, error, refetch } = useQuery(streamsQuery(connectionId));
  return (
    <DataTable
      label="Streams"
      columns={COLUMNS}
      rows={data}
      rowKey={(stream) => stream.name}
      error={error}
      onRetry={() => void refetch()}
      minWidth={760}
      rowHeight={52}
      likely={4}
      empty={
        <Empty title="No stream is known yet" icon={<IconStack2 size={24} stroke={1.6} />}>
          The first sync finds them. Or ask the source now, and choose before it.
        </Empty>
      }
    />
  );
}

const COLUMNS: Column<StreamState>[] = [
  {
    key: "name",
    header: "Stream",
    cell: ({ name }) => (
      <Text size="sm" fw={600} truncate title={name}>
        {name}
      </Text>
    ),
  },
  {
    key: "taken",
    header: "Taken",
    width: "120px",
    cell: ({ choice }) => (
      <StatusBadge size="sm" tone={choice.enabled ? "good" : "off"}>
        {choice.enabled ? "taken" : "left out"}
      </StatusBadge>
    ),
  },
  {
    key: "mode",
    header: "Read",
    cell: ({ choice }) => (
      <Text size="sm" lineClamp={2} c={choice.mode == null ? "dimmed" : undefined}>
        {choice.mode == null ? "as the source offers it" : MODE_WORDS[choice.mode]}
      </Text>
    ),
  },
  { key: "fields", header: "Columns", width: "200px", cell: (stream) => <Columns stream={stream} /> },
  {
    key: "seen",
    header: "Seen",
    width: "140px",
    cell: ({ last_seen_at: at }) => (at === null ? <Unknown why="No sync saw it yet" /> : <When at={at} size="sm" />),
  },
];

function Columns({ stream: { fields, choice } }: { stream: StreamState }) {
  const chosen = [
    choice.drop !== undefined && choice.drop.length > 0 && `${formatCount(choice.drop.length)} left out`,
    choice.hash !== undefined && choice.hash.length > 0 && `${formatCount(choice.hash.length)} hashed`,
    choice.columns != null && "no new ones",
  ].filter((word) => word !== false);
  const names = fields?.map(({ name, type }) => (type === null ? name : `${name} (${type})`)).join(", ");
  return (
    <>
      {fields === null ? (
        <Unknown why="No sync saw them yet" />
      ) : (
        <Tooltip label={names} multiline maw={420} events={{ hover: true, focus: true, touch: true }}>
          <Text span size="sm" tabIndex={0}>
            {formatCount(fields.length)}
          </Text>
        </Tooltip>
      )}
      {chosen.length > 0 && (
        <Text size="xs" c="dimmed">
          {chosen.join(", ")}
        </Text>
      )}
    </>
  );
}
