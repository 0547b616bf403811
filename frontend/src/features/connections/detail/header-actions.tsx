/** What one can do about the connection as a whole. */
import { ActionIcon, Button, Menu, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconReplace,
  IconShield,
  IconShieldOff,
  IconTrash,
} from "@tabler/icons-react";

import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { DeleteConnection } from "@/features/connections/detail/delete-connection";
import { useDecideConnection, type Verdict } from "@/features/connections/use-decide-connection";
import { useRequestSync } from "@/features/connections/use-request-sync";
import { Confirm } from "@/ui/confirm";
import { isOver } from "@/ui/run-status";
import { useHotkey } from "@/ui/use-hotkey";

// Red that is dark or light enough to be read.
const RED_INK = "light-dark(var(--mantine-color-red-8), var(--mantine-color-red-4))";

export function HeaderActions({ connection }: { connection: Connection }) {
  const may = useMay();
  const request = useRequestSync();
  const isUnderWay = connection.last_sync !== null && !isOver(connection.last_sync.status);
  const sync = () => request.mutate({ connection, kind: "sync" });
  useHotkey("s", "Sync now", sync, { disabled: !may("tasks.write") || isUnderWay });
  return (
    <>
      {may("tasks.write") && (
        <Tooltip label={isUnderWay ? "A sync is under way" : "Read the source now"}>
          <Button
            leftSection={<IconRefresh size={16} />}
            data-disabled={isUnderWay || undefined}
            aria-disabled={isUnderWay}
            loading={request.isPending && request.variables.kind === "sync"}
            onClick={() => !isUnderWay && sync()}
          >
            Sync now
          </Button>
        </Tooltip>
      )}
      <More connection={connection} onReplay={() => request.mutate({ connection, kind: "replay" })} />
    </>
  );
}

function More({ connection, onReplay }: { connection: Connection; onReplay: () => void }) {
  const may = useMay();
  const decide = useDecideConnection();
  const [isReplaying, replaying] = useDisclosure(false);
  const [isDeleting, deleting] = useDisclosure(false);
  const item = (verdict: Verdict, words: string, Icon: typeof IconShield) => (
    <Menu.Item leftSection={<Icon size={16} />} onClick={() => decide.mutate({ connection, verdict })}>
      {words}
    </Menu.Item>
  );
  const isPaused = connection.status === "paused";
  const mayWrite = may("connections.write");
  if (!mayWrite && !may("approvals.decide") && !may("tasks.write")) return null;
  return (
    <>
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={`More about ${connection.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {may("tasks.write") && (
            <Menu.Item leftSection={<IconReplace size={16} />} onClick={replaying.open}>
              Replay what was read
            </Menu.Item>
          )}
          {mayWrite && !isPaused && item("pause", "Pause", IconPlayerPause)}
          {mayWrite &&
            connection.status !== "active" &&
            item("resume", isPaused ? "Resume" : "Try again from now on", IconPlayerPlay)}
          {may("approvals.decide") &&
            (connection.safe_mode
              ? item("lift", "Lift Safe Mode", IconShieldOff)
              : item("hold", "Put into Safe Mode", IconShield))}
          {mayWrite && (
            <>
              <Menu.Divider />
              <Menu.Item c={RED_INK} leftSection={<IconTrash size={16} />} onClick={deleting.open}>
                Delete
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={isReplaying}
        onClose={replaying.close}
        title="Replay what was read?"
        action="Replay"
        onConfirm={async () => onReplay()}
      >
        <Text size="sm">Every record that lies in the lake is mapped anew. The source is not asked.</Text>
      </Confirm>
      <DeleteConnection connection={connection} opened={isDeleting} onClose={deleting.close} />
    </>
  );
}
