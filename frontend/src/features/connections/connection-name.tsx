/** A connection by name and kind; leads to it. */
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Connection } from "@/api/types";
import { ConnectionStateBadge } from "@/features/connections/connection-state-badge";
import { LastResult } from "@/features/connections/last-result";
import { NextSync } from "@/features/connections/next-sync";
import { KindIcon, kindLook } from "@/features/connections/kind-look";
import { WaitingLinks } from "@/features/connections/waiting-links";

interface ConnectionNameProps {
  connection: Connection;
  /** With its state below it, where there is no column for that. */
  isNarrow: boolean;
}

export function ConnectionName({ connection, isNarrow }: ConnectionNameProps) {
  return (
    <Group gap="sm" wrap="nowrap" align={isNarrow ? "flex-start" : "center"}>
      <KindIcon kind={connection.kind} />
      <div style={{ minWidth: 0 }}>
        <Anchor
          component={Link}
          to={`/connections/${connection.id}`}
          size="sm"
          fw={650}
          c="inherit"
          truncate
          display="block"
        >
          {connection.name}
        </Anchor>
        {isNarrow ? (
          <Narrow connection={connection} />
        ) : (
          <Text size="xs" c="dimmed" truncate>
            {kindLook(connection.kind).title}
          </Text>
        )}
      </div>
    </Group>
  );
}

/** What has columns of its own where there is room for them. */
function Narrow({ connection }: { connection: Connection }) {
  const waits = connection.open_drift + connection.open_approvals > 0;
  return (
    <Stack gap={4} mt={2}>
      <ConnectionStateBadge connection={connection} />
      <LastResult connection={connection} />
      <Group gap={6}>
        <Text span size="xs" c="dimmed">
          Next
        </Text>
        <NextSync connection={connection} isShort />
      </Group>
      {waits && <WaitingLinks connection={connection} />}
    </Stack>
  );
}
