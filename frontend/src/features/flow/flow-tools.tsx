/** Whose events, which of them, and the pause. */
import { Button, Group, Select } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";

import type { Connection } from "@/api/types";
import { THINGS, useFlowState } from "@/features/flow/fields";
import type { FlowEvents } from "@/features/flow/use-flow-events";
import { formatCount } from "@/ui/numbers";
import { useHotkey } from "@/ui/use-hotkey";
import classes from "./flow.module.css";

export function FlowFilters({ connections }: { connections: readonly Connection[] }) {
  const [{ connection, kind }, set] = useFlowState();
  return (
    <Group gap="sm">
      <Select
        aria-label="Connection"
        placeholder="All connections"
        data={connections.map(({ id, name }) => ({ value: id, label: name }))}
        value={connection === "" ? null : connection}
        onChange={(value) => set({ connection: value ?? "" })}
        searchable
        clearable
        w={{ base: "100%", xs: 220 }}
      />
      <Select
        aria-label="Kind of event"
        placeholder="All kinds"
        data={Object.entries(THINGS).map(([value, label]) => ({ value, label }))}
        value={kind === "" ? null : kind}
        onChange={(value) => set({ kind: value ?? "" })}
        clearable
        w={{ base: "100%", xs: 180 }}
      />
    </Group>
  );
}

export function PauseButton({ events }: { events: FlowEvents }) {
  const { isPaused, held, pause, resume } = events;
  const toggle = isPaused ? resume : pause;
  useHotkey("p", isPaused ? "Go on" : "Pause", toggle);
  const words = held === 0 ? "Go on" : `Go on, ${formatCount(held)} held`;
  return (
    <Button
      className={classes.held}
      variant={isPaused ? "filled" : "default"}
      leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
      onClick={toggle}
      aria-pressed={isPaused}
    >
      {isPaused ? words : "Pause"}
    </Button>
  );
}
