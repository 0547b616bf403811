/** An organisation without published views: three steps to its first rows, and where it stands among them. */
import { Box, Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheckFilled } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { CSSProperties, ReactNode } from "react";

import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import classes from "./dashboard.module.css";

export function FirstRun({ connections }: { connections: readonly Connection[] }) {
  const mayConnect = useMay()("connections.write");
  const first = connections[0];
  const isConnected = first !== undefined;
  const isSynced = connections.some(({ last_success_at: at }) => at !== null);
  return (
    <Stack gap="lg" data-state={isConnected ? undefined : "empty"}>
      <Text maw={640}>
        Three steps to your first rows. Nothing is written to a source, and you can stop after each.
      </Text>
      <div className={classes.steps}>
        <Step at={1} title="Connect a source" colour="source" isDone={isConnected}>
          Files, Salesforce, Supabase or MongoDB. The source is tried before anything is stored, and its credentials can
          be written and never read.
          {!isConnected &&
            (mayConnect ? (
              <Action to="/connections/new">Connect a source</Action>
            ) : (
              <Text size="sm" mt="md" fw={600}>
                An owner or admin can do this.
              </Text>
            ))}
        </Step>
        <Step at={2} title="Let it be read" colour="insight" isDone={isSynced}>
          The first sync is a sample in Safe Mode. Fields are mapped where that is sure; where it is not, you are asked.
          {isConnected && !isSynced && <Action to={`/connections/${first.id}`}>Follow {first.name}</Action>}
        </Step>
        <Step at={3} title="Read the view" colour="entity" isDone={false}>
          Records of all sources, joined into accounts, contacts, opportunities and more, with the origin of every
          value.
          {isSynced && <Action to="/views">Go to the views</Action>}
        </Step>
      </div>
      <Text size="sm" c="dimmed">
        Only looking around? Where the platform runs, <Code>./autonomos demo</Code> loads two invented companies from
        fifteen systems.
      </Text>
    </Stack>
  );
}

function Action({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Box mt="md">
      <Button component={Link} to={to}>
        {children}
      </Button>
    </Box>
  );
}

interface StepProps {
  at: number;
  title: string;
  colour: "source" | "insight" | "entity";
  isDone: boolean;
  children: ReactNode;
}

function Step({ at, title, colour, isDone, children }: StepProps) {
  const style = { "--step-colour": `var(--mantine-color-${colour}-5)` } as CSSProperties;
  return (
    <section className={classes.step} style={style} aria-label={`Step ${at}: ${title}${isDone ? ", done" : ""}`}>
      <Group gap={8} mb={6}>
        <Text size="sm" c="dimmed" fw={600}>
          Step {at}
        </Text>
        {isDone && (
          <Group gap={4} c="light-dark(var(--mantine-color-source-8), var(--mantine-color-source-4))">
            <IconCircleCheckFilled size={16} aria-hidden />
            <Text size="sm" fw={600}>
              done
            </Text>
          </Group>
        )}
      </Group>
      <Title order={2} size="h4" mb={6}>
        {title}
      </Title>
      <Text size="sm" c="dimmed" component="div">
        {children}
      </Text>
    </section>
  );
}
