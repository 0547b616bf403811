/** The shapes that streams were seen in: since when, how long, and which one was approved. */
import { Badge, Code, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconFingerprint } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { itemsOf } from "@/api/queries/infinite";
import { useMay } from "@/api/queries/me-query";
import { streamNamesQuery } from "@/api/queries/stream-names-query";
import { FIELDS } from "@/features/aam/fields";
import { fingerprintsQuery, type Fingerprint } from "@/features/aam/fingerprints-query";
import { ShapeDrawer } from "@/features/aam/shape-drawer";
import { ShapeLanes } from "@/features/aam/shape-lanes";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { FilterSelect } from "@/ui/filter-select";
import { LoadMore } from "@/ui/load-more";
import { formatCount } from "@/ui/numbers";
import { useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";

export function FingerprintsPanel() {
  const [{ connection, stream }, set] = useUrlState(FIELDS);
  const mayList = useMay()("connections.read");
  const connections = useQuery({ ...connectionsQuery(), enabled: mayList }).data ?? [];
  const streams = useQuery({ ...streamNamesQuery(connection), enabled: mayList && connection !== "" }).data ?? [];
  const found = useInfiniteQuery(fingerprintsQuery(connection || null, stream || null));
  const shapes = itemsOf(found.data);
  const nameOf = (id: string) => connections.find((each) => each.id === id)?.name ?? "a connection";
  const more = () => void (found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage());

  return (
    <Stack gap="md">
      <Group gap="sm">
        <FilterSelect
          label="Connection"
          all="Every connection"
          options={connections.map(({ id, name }) => ({ value: id, label: name }))}
          value={connection === "" ? null : connection}
          onChange={(next) => set({ connection: next ?? "", stream: "" })}
        />
        <FilterSelect
          label="Stream"
          all={connection === "" ? "Streams of one connection" : "Every stream"}
          options={streams.map((name) => ({ value: name, label: name }))}
          value={stream === "" ? null : stream}
          onChange={(next) => set({ stream: next ?? "" })}
          disabled={connection === ""}
          width={240}
        />
      </Group>
      {shapes !== undefined && shapes.length > 0 && <ShapeLanes shapes={shapes} nameOf={nameOf} />}
      <DataTable
        label="Shapes of streams"
        columns={columns(nameOf)}
        rows={shapes}
        rowKey={(shape) => shape.id}
        error={found.error}
        onRetry={() => void found.refetch()}
        onOpen={(shape) => set({ shape: shape.id, against: "" }, true)}
        onEnd={more}
        minWidth={860}
        empty={
          <Empty title="No shape was seen yet" icon={<IconFingerprint size={24} stroke={1.6} />}>
            The first sync of a stream takes its fingerprint: names, types and what values are like, never a value.
          </Empty>
        }
      />
      {shapes !== undefined && (
        <LoadMore hasMore={found.hasNextPage} isLoading={found.isFetchingNextPage} onMore={more} />
      )}
      <ShapeDrawer shapes={shapes ?? []} nameOf={nameOf} />
    </Stack>
  );
}

function columns(nameOf: (id: string) => string): Column<Fingerprint>[] {
  return [
    {
      key: "stream",
      header: "Stream",
      cell: (shape) => (
        <Text size="sm" truncate>
          <Text span fw={600}>
            {shape.stream}
          </Text>{" "}
          in {nameOf(shape.connection_id)}
        </Text>
      ),
    },
    { key: "digest", header: "Digest", width: "120px", cell: ({ digest }) => <Code>{digest.slice(0, 8)}</Code> },
    { key: "fields", header: "Fields", width: "80px", align: "right", cell: ({ fields }) => formatCount(fields) },
    {
      key: "baseline",
      header: "Approved",
      width: "200px",
      cell: (shape) =>
        shape.is_baseline ? (
          <Badge variant="light" color="entity" leftSection={<IconCheck size={12} />} tt="none">
            approved{shape.decided_by === null ? "" : ` by ${shape.decided_by}`}
          </Badge>
        ) : (
          <Text size="sm" c="dimmed">
            not approved
          </Text>
        ),
    },
    {
      key: "first",
      header: "First seen",
      width: "130px",
      cell: (shape) => <When at={shape.first_seen_at} size="sm" />,
    },
    { key: "last", header: "Last seen", width: "130px", cell: (shape) => <When at={shape.last_seen_at} size="sm" /> },
  ];
}
