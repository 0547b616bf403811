/** While nothing is looked at: how much is mapped, and the mappings that are least sure, worth a look. */
import { Group, ScrollArea, Stack, Text, UnstyledButton } from "@mantine/core";

import { FieldLine } from "@/features/ontology/field-line";
import { fieldsOf, type StreamMapping } from "@/features/ontology/streams";
import { formatCount } from "@/ui/numbers";
import classes from "./detail.module.css";

interface OverviewProps {
  streams: readonly StreamMapping[];
  onChoose: (node: string) => void;
}

const MOST = 8;

export function Overview({ streams, onChoose }: OverviewProps) {
  const fields = fieldsOf(streams);
  const links = fields.flatMap(({ of, link }) => (link === null ? [] : [{ of, link }]));
  const held = links.filter(({ link }) => link.held).length;
  const least = [...links].sort((one, other) => one.link.probability - other.link.probability).slice(0, MOST);
  return (
    <section className={classes.detail} aria-label="All field mappings">
      <Text size="sm" fw={650}>
        {formatCount(links.length)} field mappings
      </Text>
      <Text size="xs" c="dimmed">
        {formatCount(fields.length - links.length)} fields are not mapped, {held === 0 ? "none is" : formatCount(held)}{" "}
        held. Point at the picture to see the mappings behind a part of it; press to keep them here.
      </Text>
      {least.length > 0 && (
        <>
          <Text size="xs" fw={650} mt="md" mb={4}>
            Least sure
          </Text>
          <ScrollArea className={classes.list} type="auto" scrollbars="y" offsetScrollbars="present">
            <Stack gap={2}>
              {least.map(({ of, link }, at) => (
                <UnstyledButton
                  key={`${of.id} ${link.source} ${at}`}
                  className={classes.entry}
                  onClick={() => onChoose(of.id)}
                >
                  <Group gap={4}>
                    <Text size="xs" c="light-dark(var(--mantine-color-source-8), var(--mantine-color-source-3))">
                      {of.connection} · {of.stream}
                    </Text>
                  </Group>
                  <FieldLine field={link} />
                </UnstyledButton>
              ))}
            </Stack>
          </ScrollArea>
        </>
      )}
    </section>
  );
}
