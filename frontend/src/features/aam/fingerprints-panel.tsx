/** The shapes that streams were seen in: since when, how long, and which one was approved. */
import { Group, Skeleton, Stack } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { itemsOf } from "@/api/queries/infinite";
import { useMay } from "@/api/queries/me-query";
import { streamNamesQuery } from "@/api/queries/stream-names-query";
import { FIELDS } from "@/features/aam/fields";
import { fingerprintsQuery } from "@/features/aam/fingerprints-query";
import { shapeColumns } from "@/features/aam/shape-columns";
import { ShapeDrawer } from "@/features/aam/shape-drawer";
import { ShapeLanes } from "@/features/aam/shape-lanes";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { FilterSelect } from "@/ui/filter-select";
import { LoadMore } from "@/ui/load-more";
import { useUrlState } from "@/ui/use-url-state";

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
      {shapes === undefined && found.error === null && <Skeleton height={300} radius="md" />}
      {shapes !== undefined && shapes.length > 0 && <ShapeLanes shapes={shapes} nameOf={nameOf} />}
      <DataTable
        // How many lanes there are is not known before: the table stands where it stands, and does not move there.
        key={shapes === undefined ? "loading" : "ready"}
        label="Shapes of streams"
        columns={shapeColumns(shapes ?? [], nameOf)}
        rows={shapes}
        rowKey={(shape) => shape.id}
        error={found.error}
        onRetry={() => void found.refetch()}
        onOpen={(shape) => set({ shape: shape.id, against: "" }, true)}
        onEnd={more}
        minWidth={860}
        phoneWidth={330}
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
