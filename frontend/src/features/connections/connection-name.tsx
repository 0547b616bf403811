/** A connection by name and kind; leads to it. */
import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Connection } from "@/api/types";
import { ConnectionStateBadge } from "@/features/connections/connection-state-badge";
import { KindIcon, kindLook } from "@/features/connections/kind-look";

interface ConnectionNameProps {
  connection: Connection;
  /** With its state below it, where there is no column for that. */
  isNarrow: boolean;
}

export function ConnectionName({ connection, isNarrow }: ConnectionNameProps) {
  return (
    <Group gap="sm" wrap="nowrap">
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
          <ConnectionStateBadge connection={connection} />
        ) : (
          <Text size="xs" c="dimmed" truncate>
            {kindLook(connection.kind).title}
          </Text>
        )}
      </div>
    </Group>
  );
}
