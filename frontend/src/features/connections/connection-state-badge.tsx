/** The state of a connection, with why on hover and focus. */
import { Group } from "@mantine/core";

import type { Connection } from "@/api/types";
import { lookOf, stateOf } from "@/features/connections/connection-state";
import { StatusBadge } from "@/ui/status-badge";

export function ConnectionStateBadge({ connection, size = "sm" }: { connection: Connection; size?: "sm" | "md" }) {
  const state = stateOf(connection);
  const look = lookOf(state);
  const safe = lookOf("safe_mode");
  return (
    <Group gap={6}>
      <StatusBadge size={size} tone={look.tone} hint={connection.error ?? look.hint}>
        {look.word}
      </StatusBadge>
      {connection.safe_mode && state !== "safe_mode" && (
        <StatusBadge size={size} tone={safe.tone} hint={safe.hint}>
          {safe.word}
        </StatusBadge>
      )}
    </Group>
  );
}
