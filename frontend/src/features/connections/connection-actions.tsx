/** What one can do about a connection from its row: sync it now, pause or resume it. */
import { ActionIcon, Group, Menu, Tooltip } from "@mantine/core";
import { IconDots, IconEye, IconPlayerPause, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { useDecideConnection } from "@/features/connections/use-decide-connection";
import { useRequestSync } from "@/features/connections/use-request-sync";
import { isOver } from "@/ui/run-status";

export function ConnectionActions({ connection }: { connection: Connection }) {
  const may = useMay();
  const request = useRequestSync();
  const decide = useDecideConnection();
  const isUnderWay = connection.last_sync !== null && !isOver(connection.last_sync.status);
  const isPaused = connection.status === "paused";
  const resumes = isPaused || connection.status === "needs_person" || connection.status === "failing";
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      {may("tasks.write") && (
        <Tooltip label={isUnderWay ? "A sync is under way" : "Sync now"}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Sync ${connection.name} now`}
            data-disabled={isUnderWay || undefined}
            aria-disabled={isUnderWay}
            loading={request.isPending}
            onClick={() => !isUnderWay && request.mutate({ connection, kind: "sync" })}
          >
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
      )}
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More about ${connection.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/connections/${connection.id}`} leftSection={<IconEye size={16} />}>
            Open
          </Menu.Item>
          {may("connections.write") && resumes && (
            <Menu.Item
              leftSection={<IconPlayerPlay size={16} />}
              onClick={() => decide.mutate({ connection, verdict: "resume" })}
            >
              {isPaused ? "Resume" : "Try again from now on"}
            </Menu.Item>
          )}
          {may("connections.write") && !isPaused && (
            <Menu.Item
              leftSection={<IconPlayerPause size={16} />}
              onClick={() => decide.mutate({ connection, verdict: "pause" })}
            >
              Pause
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
