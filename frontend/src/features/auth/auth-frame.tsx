/** The frame of pages for people who are not logged in. */
import { Anchor, Box, Paper, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import classes from "./auth-frame.module.css";

interface AuthFrameProps {
  title: string;
  subtitle?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}

export function AuthFrame({ title, subtitle, children, footer }: AuthFrameProps) {
  useDocumentTitle(`${title} · AutonomOS`);
  return (
    <Box component="main" className={classes.frame}>
      <Stack gap="lg" w="100%" maw={400}>
        <Stack gap={10} align="center" ta="center">
          <img src="/icon.svg" alt="AutonomOS" width={44} height={44} />
          <Title order={1} size="h2">
            {title}
          </Title>
          {subtitle !== undefined && (
            <Text c="dimmed" size="sm" component="div">
              {subtitle}
            </Text>
          )}
        </Stack>
        <Paper withBorder p="xl" radius="lg" className={classes.card}>
          {children}
        </Paper>
        {footer !== undefined && (
          <Text size="sm" ta="center" c="dimmed" component="div">
            {footer}
          </Text>
        )}
      </Stack>
    </Box>
  );
}

/** A link to the other page of this kind that keeps where one wanted to go. */
export function AuthLink({ to, children }: { to: string; children: ReactNode }) {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const kept = typeof search["next"] === "string" ? { next: search["next"] } : {};
  return (
    <Anchor fw={600} underline="always" renderRoot={(props) => <Link to={to} search={kept as never} {...props} />}>
      {children}
    </Anchor>
  );
}
