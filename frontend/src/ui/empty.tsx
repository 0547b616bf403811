/** Nothing is here yet: says so, why, and what would change that. */
import { Center, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
  /** It is all of the page: its title is the page's. */
  isPage?: boolean;
}

export function Empty({ title, children, action, icon, isPage = false }: EmptyProps) {
  return (
    <Center py={56} data-state="empty">
      <Stack align="center" gap="sm" maw={440} ta="center">
        <ThemeIcon size={48} radius="xl" variant="light" color="gray" aria-hidden>
          {icon ?? <IconInbox size={24} stroke={1.6} />}
        </ThemeIcon>
        <Text fw={650} component={isPage ? "h1" : "p"} m={0}>
          {title}
        </Text>
        {children !== undefined && (
          <Text c="dimmed" size="sm">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}
