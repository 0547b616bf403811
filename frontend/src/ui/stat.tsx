/** One figure of a dashboard: what it is, how much, and where its rows are. */
import { Card, Group, Text } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import classes from "./stat.module.css";

interface StatProps {
  label: string;
  value: ReactNode;
  hint?: ReactNode;
  tone?: "source" | "entity" | "insight" | "red" | "yellow";
  icon?: ReactNode;
  to: LinkProps;
}

export function Stat({ label, value, hint, tone, icon, to }: StatProps) {
  return (
    <Card component={Link} {...(to as object)} className={classes.stat} withBorder padding="md" data-tone={tone}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" c="dimmed" fw={500} truncate>
          {label}
        </Text>
        {icon}
      </Group>
      <Text className={classes.value} component="div">
        {value}
      </Text>
      <Text size="xs" c="dimmed" className={classes.hint} component="div">
        {hint}
      </Text>
    </Card>
  );
}
