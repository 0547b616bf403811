/** One shape: what differs from another one of its stream, and its fields. */
import { Drawer, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ShapeChanges } from "@/features/connections/detail/shape-changes";
import { ShapeFields } from "@/features/connections/detail/shape-fields";
import type { Shape } from "@/features/connections/fingerprints-query";
import { shapeDiffQuery } from "@/features/connections/shape-diff-query";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

interface ShapeDrawerProps {
  shapes: readonly Shape[] | undefined;
  shapeId: string;
  onClose: () => void;
}

export function ShapeDrawer({ shapes, shapeId, onClose }: ShapeDrawerProps) {
  const shape = shapes?.find(({ id }) => id === shapeId);
  const others = shapes?.filter(({ id, stream }) => stream === shape?.stream && id !== shapeId) ?? [];
  return (
    <Drawer
      opened={shapeId !== "" && shapes !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={shape === undefined ? "Shape" : `Shape of ${shape.stream}`}
    >
      {shape === undefined ? (
        <Text size="sm">This shape is not one of this connection's.</Text>
      ) : (
        <Stack gap="lg" key={shapeId}>
          <Compared shape={shape} others={others} />
          <ShapeFields shapeId={shapeId} />
        </Stack>
      )}
    </Drawer>
  );
}

function Compared({ shape, others }: { shape: Shape; others: readonly Shape[] }) {
  // The list has the newest first: behind this one lies the shape before it.
  const before = others.find(({ first_seen_at }) => first_seen_at < shape.first_seen_at) ?? others[0];
  const [chosen, choose] = useState(before?.id ?? null);
  if (chosen === null)
    return (
      <Text size="sm" c="dimmed">
        The stream was seen in no other shape.
      </Text>
    );
  return (
    <section aria-label="What differs">
      <Title order={3} size="h5" mb="xs">
        What differs
      </Title>
      <Select
        label="From"
        data={others.map(({ id, digest, first_seen_at, is_baseline }) => ({
          value: id,
          label: `${digest.slice(0, 12)}, seen ${new Date(first_seen_at).toLocaleString("en-GB")}${is_baseline ? ", approved" : ""}`,
        }))}
        value={chosen}
        onChange={(next) => next !== null && choose(next)}
        allowDeselect={false}
        mb="sm"
      />
      <Differences shapeId={shape.id} against={chosen} />
    </section>
  );
}

function Differences({ shapeId, against }: { shapeId: string; against: string }) {
  const { data, error, refetch } = useQuery(shapeDiffQuery(shapeId, against));
  if (data !== undefined) return <ShapeChanges changes={data} />;
  return error === null ? <CardSkeleton lines={3} /> : <Failure error={error} onRetry={() => void refetch()} />;
}
