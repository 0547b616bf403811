/** One part in full: how it is, what it does, what flows in and out, and where its code lives. */
import { Anchor, Code, Drawer, Group, List, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { factsOf } from "@/features/architecture/facts";
import type { Known } from "@/features/architecture/known";
import { stateOf } from "@/features/architecture/part-state";
import { FLOWS, partOf, type Part } from "@/features/architecture/parts";
import { Facts } from "@/ui/facts";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

interface PartDrawerProps {
  part: Part | undefined;
  known: Known;
  onOpen: (id: string) => void;
  onClose: () => void;
}

export function PartDrawer({ part, known, onOpen, onClose }: PartDrawerProps) {
  return (
    <Drawer opened={part !== undefined} onClose={onClose} position="right" size="md" title={part?.title}>
      {part !== undefined && <Details part={part} known={known} onOpen={onOpen} />}
    </Drawer>
  );
}

function Details({ part, known, onOpen }: { part: Part } & Omit<PartDrawerProps, "part" | "onClose">) {
  const state = stateOf(part, known);
  const facts = factsOf(part, known);
  const incoming = FLOWS.filter(([, to]) => to === part.id);
  const outgoing = FLOWS.filter(([from]) => from === part.id);
  return (
    <Stack gap="lg">
      <div>
        <Group gap="sm">
          <StatusBadge tone={state.tone}>{state.word}</StatusBadge>
          {state.at !== undefined && <When at={state.at} size="sm" />}
        </Group>
        <Text size="sm" c="dimmed" mt={6}>
          {state.why}
        </Text>
      </div>
      <Text>{part.does}</Text>
      {facts.length > 0 && <Facts facts={facts} cols={2} />}
      {incoming.length > 0 && (
        <Section title="Comes in">
          {incoming.map(([from, , what]) => (
            <List.Item key={from}>
              {what}, from <Neighbour id={from} onOpen={onOpen} />
            </List.Item>
          ))}
        </Section>
      )}
      {outgoing.length > 0 && (
        <Section title="Goes out">
          {outgoing.map(([, to, what]) => (
            <List.Item key={to}>
              {what}, to <Neighbour id={to} onOpen={onOpen} />
            </List.Item>
          ))}
        </Section>
      )}
      <Section title="Its code">
        {part.code.map((path) => (
          <List.Item key={path}>
            <Code>{path}</Code>
          </List.Item>
        ))}
      </Section>
    </Stack>
  );
}

function Neighbour({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  return (
    <Anchor component="button" type="button" inherit fw={600} onClick={() => onOpen(id)}>
      {partOf(id)?.title}
    </Anchor>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={3} size="h6" mb={4}>
        {title}
      </Title>
      <List size="sm" spacing={2}>
        {children}
      </List>
    </section>
  );
}
