/** One thing that waits; leads there where that page exists. */
import { Box, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useNavPages } from "@/app/shell/use-nav-pages";
import { TONES, type Tone } from "@/ui/tones";
import classes from "./attention-item.module.css";

interface AttentionItemProps {
  tone: Tone;
  to: string;
  /** The page of the sidebar that it belongs to. */
  list: string;
  title: string;
  onClick: () => void;
  children: ReactNode;
}

export function AttentionItem({ tone, to, list, title, onClick, children }: AttentionItemProps) {
  const { icon: Icon, colour } = TONES[tone];
  const isThere = useNavPages().some((page) => page.path === list);
  const said = (
    <Group gap={10} wrap="nowrap" align="flex-start">
      <Box c={`var(--mantine-color-${colour}-light-color)`} mt={2} lh={0}>
        <Icon size={16} />
      </Box>
      <Box miw={0}>
        <Text size="sm" fw={600} truncate>
          {title}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={2} component="div">
          {children}
        </Text>
      </Box>
    </Group>
  );
  return isThere ? (
    <Link to={to} className={classes.item} onClick={onClick}>
      {said}
    </Link>
  ) : (
    <div className={classes.item}>{said}</div>
  );
}
