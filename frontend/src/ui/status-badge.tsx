/** A state in a word with its tone; never told by colour alone. */
import { Badge, Tooltip } from "@mantine/core";

import { TONES, type Tone } from "@/ui/tones";
import classes from "./status-badge.module.css";

interface StatusBadgeProps {
  tone: Tone;
  /** The word. */
  children: string;
  /** Said on hover and focus. */
  hint?: string | null;
  size?: "sm" | "md";
}

export function StatusBadge({ tone, children, hint, size = "md" }: StatusBadgeProps) {
  const { colour, icon: Icon } = TONES[tone];
  const badge = (
    <Badge
      className={classes.badge}
      color={colour}
      variant="light"
      size={size === "sm" ? "md" : "lg"}
      data-tone={tone}
      leftSection={<Icon size={size === "sm" ? 12 : 14} className={tone === "busy" ? classes.turning : undefined} />}
      tabIndex={hint ? 0 : undefined}
    >
      {children}
    </Badge>
  );
  return hint ? (
    <Tooltip label={hint} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      {badge}
    </Tooltip>
  ) : (
    badge
  );
}
