/** How a shape of a stream is told in a row. */
import { Badge, Code, Stack, Text } from "@mantine/core";
import { IconCheck, IconHistory } from "@tabler/icons-react";

import type { Fingerprint } from "@/features/aam/fingerprints-query";
import { isSample, shapeDigest, shortDigest, standingOf } from "@/features/aam/shape-standing";
import type { Column } from "@/ui/data-table";
import { formatCount } from "@/ui/numbers";
import { When } from "@/ui/when";

export function shapeColumns(
  shapes: readonly Fingerprint[],
  nameOf: (connectionId: string) => string,
): Column<Fingerprint>[] {
  const repeated = repeatedShapes(shapes);
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
    {
      key: "digest",
      from: "sm",
      header: "Digest",
      width: "190px",
      cell: ({ id, digest }) => (
        <Stack gap={0} align="flex-start">
          <Code>{shortDigest(digest)}</Code>
          {(isSample(digest) || repeated.has(id)) && (
            <Text size="xs" c="dimmed">
              {isSample(digest) ? "of a sample" : "fields and types as before"}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      key: "fields",
      from: "sm",
      header: "Fields",
      width: "80px",
      align: "right",
      cell: ({ fields }) => formatCount(fields),
    },
    { key: "baseline", header: "Approved", width: "200px", cell: (shape) => <Standing shape={shape} /> },
    {
      key: "first",
      from: "sm",
      header: "First seen",
      width: "130px",
      cell: (shape) => <When at={shape.first_seen_at} size="sm" />,
    },
    {
      key: "last",
      from: "sm",
      header: "Last seen",
      width: "130px",
      cell: (shape) => <When at={shape.last_seen_at} size="sm" />,
    },
  ];
}

function Standing({ shape }: { shape: Fingerprint }) {
  const standing = standingOf(shape);
  if (standing === "new")
    return (
      <Text size="sm" c="dimmed">
        not approved
      </Text>
    );
  const by = shape.decided_by === "first sync" ? "at first sync" : `by ${shape.decided_by ?? "somebody"}`;
  return standing === "approved" ? (
    <Badge variant="light" color="entity" title={`approved ${by}`} leftSection={<IconCheck size={12} />} tt="none">
      approved {by}
    </Badge>
  ) : (
    <Badge
      variant="light"
      color="gray"
      title={`approved earlier, ${by}`}
      leftSection={<IconHistory size={12} />}
      tt="none"
    >
      earlier, {by}
    </Badge>
  );
}

/** Those with the digest of the one before them: what differs lies in what values are like. Newest first, as they come. */
function repeatedShapes(shapes: readonly Fingerprint[]): Set<string> {
  const later = new Map<string, Fingerprint>();
  const repeated = new Set<string>();
  for (const shape of shapes) {
    const stream = `${shape.connection_id} ${shape.stream}`;
    const next = later.get(stream);
    if (next !== undefined && shapeDigest(next.digest) === shapeDigest(shape.digest)) repeated.add(next.id);
    later.set(stream, shape);
  }
  return repeated;
}
