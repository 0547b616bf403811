/** What one stream fills, field by field, beside the diagram. */
import { Badge, Button, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";

import type { StreamMapping } from "@/features/ontology/streams";
import { formatCount } from "@/ui/numbers";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { transformInWords } from "@/ui/transform-words";
import classes from "./stream-detail.module.css";

interface StreamDetailProps {
  of: StreamMapping | undefined;
  /** Whether it stays when nothing is pointed at. */
  isChosen: boolean;
  onLeave: () => void;
}

export function StreamDetail({ of, isChosen, onLeave }: StreamDetailProps) {
  if (of === undefined) {
    return (
      <div className={classes.detail} data-empty>
        <Text size="sm" c="dimmed">
          Point at a band between a stream and an entity to see its field mappings; press it to keep them here.
        </Text>
      </div>
    );
  }
  const rows = of.rows === null ? "not counted yet" : `${formatCount(of.rows)} records`;
  return (
    <section className={classes.detail} aria-label={`Field mappings of ${of.stream}`} aria-live="polite">
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={650} truncate>
            {of.stream} → {of.entity ?? "kept raw"}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {of.connection} · {rows}
          </Text>
        </div>
        {isChosen && (
          <Button size="compact-xs" variant="default" leftSection={<IconX size={12} />} onClick={onLeave}>
            Leave
          </Button>
        )}
      </Group>
      <ScrollArea className={classes.list} type="auto" mt="xs" viewportProps={{ tabIndex: 0 }}>
        <Stack gap={8}>
          {of.fields.map((field, at) => (
            <div key={`${field.source} ${field.target} ${at}`}>
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <Text size="sm" truncate title={`${field.source} → ${field.target}`}>
                  {field.source} → <b>{field.target}</b>
                </Text>
                <Probability value={field.probability} />
              </Group>
              <Group gap={6}>
                <Text size="xs" c="dimmed">
                  {transformInWords(field.transform)}, by {field.decided_by}
                </Text>
                {field.held && (
                  <StatusBadge size="sm" tone="waiting">
                    held
                  </StatusBadge>
                )}
              </Group>
            </div>
          ))}
          {of.unmapped.length > 0 && (
            <div>
              <Text size="xs" c="dimmed" mb={4}>
                Not mapped
              </Text>
              <Group gap={4}>
                {of.unmapped.map((name) => (
                  <Badge key={name} variant="outline" color="gray" tt="none" fw={500}>
                    {name}
                  </Badge>
                ))}
              </Group>
            </div>
          )}
        </Stack>
      </ScrollArea>
    </section>
  );
}
