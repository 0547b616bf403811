/** What the node that is looked at fills or is filled by, field by field, beside the picture. */
import { Badge, Button, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";

import { FieldLine } from "@/features/ontology/field-line";
import type { OntologyNode } from "@/features/ontology/ontology-query";
import { idOf, type StreamMapping } from "@/features/ontology/streams";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import classes from "./detail.module.css";

interface NodeDetailProps {
  node: OntologyNode;
  /** Those that lead over it. */
  streams: readonly StreamMapping[];
  /** Whether it stays when nothing is pointed at. */
  isChosen: boolean;
  onLeave: () => void;
}

export function NodeDetail({ node, streams, isChosen, onLeave }: NodeDetailProps) {
  const way = node.kind === "stream" ? ` → ${streams[0]?.entity ?? "kept raw"}` : "";
  return (
    <section className={classes.detail} aria-label={`Field mappings of ${node.name}`} aria-live="polite">
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={650} truncate>
            {node.name}
            {way}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            <Of node={node} streams={streams} />
          </Text>
        </div>
        {isChosen && (
          <Button size="compact-xs" variant="default" leftSection={<IconX size={12} />} onClick={onLeave}>
            Leave
          </Button>
        )}
      </Group>
      <ScrollArea
        className={classes.list}
        type="auto"
        scrollbars="y"
        offsetScrollbars="present"
        mt="xs"
        viewportProps={{ tabIndex: 0, "aria-label": "Field mappings" }}
      >
        <Stack gap="md">
          {streams.map((of) => (
            <StreamFields key={of.id} of={of} isAlone={streams.length === 1} />
          ))}
          {streams.length === 0 && <Text size="sm">No stream leads over it.</Text>}
        </Stack>
      </ScrollArea>
    </section>
  );
}

function Of({ node, streams }: Pick<NodeDetailProps, "node" | "streams">) {
  const isRaw = node.kind === "stream" && streams[0]?.entity === null;
  const unit = node.kind === "view" ? "rows" : "records";
  const rows = isRaw
    ? "no rule reads it"
    : node.rows === null
      ? "not counted yet"
      : `${formatCount(node.rows)} ${unit}`;
  const to =
    node.kind === "connection"
      ? `/connections/${idOf(node)}`
      : node.kind === "view"
        ? `/views/${encodeURIComponent(node.name)}`
        : null;
  return (
    <>
      {node.kind === "stream" && `${streams[0]?.connection ?? ""} · `}
      {to === null ? rows : <PageLink to={to}>{rows}</PageLink>}
      {node.kind !== "stream" && ` · ${formatCount(streams.length)} ${streams.length === 1 ? "stream" : "streams"}`}
    </>
  );
}

function StreamFields({ of, isAlone }: { of: StreamMapping; isAlone: boolean }) {
  return (
    <Stack gap={8}>
      {!isAlone && (
        <Text size="xs" fw={650} c="light-dark(var(--mantine-color-source-8), var(--mantine-color-source-3))">
          {of.connection} · {of.stream}
        </Text>
      )}
      {of.fields.map((field, at) => (
        <FieldLine key={`${field.source} ${field.target} ${at}`} field={field} />
      ))}
      {of.unmapped.length > 0 && (
        <div>
          <Text size="xs" c="dimmed" mb={4}>
            Not mapped
          </Text>
          <Group gap={4}>
            {of.unmapped.map((name) => (
              <Badge key={name} variant="outline" color="gray" tt="none" fw={500} maw="100%">
                {name}
              </Badge>
            ))}
          </Group>
        </div>
      )}
    </Stack>
  );
}
