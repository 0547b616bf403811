/** A part of the dashboard: its title, where its rows are, and a body whose height does not follow what is in it. */
import { Anchor, Card, Group, Title } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./dashboard.module.css";

interface PanelProps {
  title: string;
  more?: { label: string; link: LinkProps };
  controls?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, more, controls, children }: PanelProps) {
  return (
    <Card withBorder padding="md" className={classes.panel} component="section" aria-label={title}>
      <Group justify="space-between" gap="xs" mb="sm" mih={30}>
        <Title order={2} size="h5">
          {title}
        </Title>
        <Group gap="sm">
          {controls}
          {more !== undefined && (
            <Anchor component={Link} {...(more.link as object)} size="sm" fw={600}>
              {more.label}
            </Anchor>
          )}
        </Group>
      </Group>
      {children}
    </Card>
  );
}
