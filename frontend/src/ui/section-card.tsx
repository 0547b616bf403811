/** A part of a page with a heading of its own. */
import { Card, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface SectionCardProps {
  title: string;
  hint?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function SectionCard({ title, hint, actions, children }: SectionCardProps) {
  return (
    <Card withBorder padding="md" component="section" aria-label={title} style={{ overflow: "visible" }}>
      <Group justify="space-between" align="flex-start" gap="sm" mb="sm">
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Title order={2} size="h5">
            {title}
          </Title>
          {hint !== undefined && (
            <Text size="xs" c="dimmed" component="div">
              {hint}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Card>
  );
}
