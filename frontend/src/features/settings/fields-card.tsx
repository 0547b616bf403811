/** Some settings that belong together. */
import { Card, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface FieldsCardProps {
  title: string;
  subtitle: ReactNode;
  children: ReactNode;
}

export function FieldsCard({ title, subtitle, children }: FieldsCardProps) {
  return (
    <Card withBorder padding="lg" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mt={2} mb="md" component="div">
        {subtitle}
      </Text>
      <Stack gap="md">{children}</Stack>
    </Card>
  );
}
