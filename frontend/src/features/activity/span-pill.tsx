/** The span that a list is cut to, with both its times, and the way out of it. */
import { ActionIcon, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";

import { spanInWords } from "@/features/activity/ended-span";
import classes from "./span-pill.module.css";

interface SpanPillProps {
  since: string;
  until: string;
  onRemove: () => void;
}

export function SpanPill({ since, until, onRemove }: SpanPillProps) {
  if (since === "" && until === "") return null;
  const words = spanInWords(since, until);
  return (
    <span className={classes.pill}>
      <Text span size="sm" fw={600}>
        {words}
      </Text>
      <ActionIcon variant="transparent" color="gray" size={24} onClick={onRemove} aria-label={`Take away: ${words}`}>
        <IconX size={14} />
      </ActionIcon>
    </span>
  );
}
