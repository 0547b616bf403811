/** The frame of every page: a title, what it is for, what one can do, and then the content. */
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

import { useTabInView } from "@/ui/use-tab-in-view";

interface PageProps {
  title: string;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, subtitle, actions, children }: PageProps) {
  useDocumentTitle(`${title} · AutonomOS`);
  const page = useTabInView<HTMLDivElement>();
  return (
    <Stack ref={page} gap="lg" p="var(--page-gutter)" maw={1600} mx="auto">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box style={{ flex: "1 1 20rem", minWidth: 0 }}>
          <Title order={1} size="h2" lh={1.25}>
            {title}
          </Title>
          {subtitle !== undefined && (
            <Text c="dimmed" size="sm" mt={4}>
              {subtitle}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
