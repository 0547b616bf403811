/** Whether the platform can do its work, in one sentence, with what stands in its way. */
import { Group, List, Skeleton, Text } from "@mantine/core";

import type { Known } from "@/features/architecture/known";
import { StatusBadge } from "@/ui/status-badge";
import classes from "./architecture.module.css";

const NAMES: Record<string, string> = {
  database: "Postgres",
  identity: "Log-in of identities",
  redis: "Valkey",
  dagster: "Dagster",
  process: "Application",
};

export function ReadinessBanner({ ready }: { ready: Known["ready"] }) {
  return (
    <div className={classes.banner} role="status">
      <Said ready={ready} />
    </div>
  );
}

function Said({ ready }: { ready: Known["ready"] }) {
  if (ready === undefined) return <Skeleton height={28} width="min(420px, 80%)" radius="sm" data-state="loading" />;
  if (ready === null)
    return (
      <Group gap="sm">
        <StatusBadge tone="unknown">unknown</StatusBadge>
        <Text size="sm">Nothing could be asked just now. It is tried again by itself.</Text>
      </Group>
    );
  const problems = Object.entries(ready.problems);
  if (problems.length === 0)
    return (
      <Group gap="sm">
        <StatusBadge tone="good">ready</StatusBadge>
        <Text size="sm">Postgres, its migrations, Valkey and Dagster answer. They are asked every 15 seconds.</Text>
      </Group>
    );
  return (
    <Group gap="sm" align="flex-start">
      <StatusBadge tone="bad">not ready</StatusBadge>
      <List size="sm">
        {problems.map(([name, problem]) => (
          <List.Item key={name}>
            {NAMES[name] ?? name}: {problem}
          </List.Item>
        ))}
      </List>
    </Group>
  );
}
