/** That the stream of events broke, and how much was caught up with when it came back. */
import { Alert } from "@mantine/core";
import { IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";

import { useBreak } from "@/features/flow/use-break";
import type { LiveEvent } from "@/live/event-stream";
import { formatCount } from "@/ui/numbers";
import classes from "./flow.module.css";

/** `events` oldest first. */
export function ConnectionNotice({ events }: { events: readonly LiveEvent[] }) {
  const { isBroken, caughtUp } = useBreak(events);
  if (!isBroken && caughtUp === null) return null;
  return (
    <Alert
      className={classes.notice}
      color={isBroken ? "yellow" : "source"}
      icon={isBroken ? <IconPlugConnectedX size={16} /> : <IconRefresh size={16} />}
      py={6}
      role="status"
    >
      {isBroken
        ? "The connection broke. What happens meanwhile is caught up with when it is back."
        : back(caughtUp ?? 0)}
    </Alert>
  );
}

function back(caughtUp: number): string {
  if (caughtUp === 0) return "Back. Nothing happened meanwhile.";
  return `Back, and caught up with ${formatCount(caughtUp)} ${caughtUp === 1 ? "event" : "events"}.`;
}
