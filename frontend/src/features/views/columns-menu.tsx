/** Which columns are shown, in which order. Beside each stands how much of it is filled. */
import { ActionIcon, Button, Checkbox, Group, Popover, ScrollArea, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns3 } from "@tabler/icons-react";
import { useState } from "react";

import type { View } from "@/api/queries/views-query";
import { columnTitle, type Filled } from "@/features/views/columns";
import { ToolButton } from "@/features/views/tool-button";
import { formatShare } from "@/ui/numbers";

interface ColumnsMenuProps {
  view: View;
  filled: Filled;
  shown: readonly string[];
  onChange: (shown: readonly string[]) => void;
  /** null: they are those shown already. */
  onReset: (() => void) | null;
}

export function ColumnsMenu({ view, filled, shown, onChange, onReset }: ColumnsMenuProps) {
  const [wanted, setWanted] = useState("");
  const names = [...shown, ...view.columns.map(({ name }) => name).filter((name) => !shown.includes(name))];
  const found = names.filter((name) => columnTitle(name).toLowerCase().includes(wanted.trim().toLowerCase()));

  function move(at: number, to: number) {
    const moved = [...shown];
    moved.splice(to, 0, ...moved.splice(at, 1));
    onChange(moved);
  }

  return (
    <Popover position="bottom-end" width={330} trapFocus returnFocus onClose={() => setWanted("")}>
      <Popover.Target>
        <ToolButton icon={<IconColumns3 size={16} />} name="Columns">
          Columns
        </ToolButton>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label="Columns">
        <Group gap="xs" wrap="nowrap">
          <TextInput
            aria-label="Find a column"
            placeholder="Find a column"
            value={wanted}
            onChange={({ currentTarget }) => setWanted(currentTarget.value)}
            flex={1}
            data-autofocus
          />
          <Button variant="subtle" size="xs" disabled={onReset === null} onClick={onReset ?? undefined}>
            Reset
          </Button>
        </Group>
        <ScrollArea.Autosize mah={340} mt="xs" type="auto">
          {found.map((name) => {
            const at = shown.indexOf(name);
            return (
              <Group key={name} justify="space-between" wrap="nowrap" h={34} px={6} gap="xs">
                <Checkbox
                  label={columnTitle(name)}
                  checked={at >= 0}
                  disabled={at >= 0 && shown.length === 1}
                  onChange={() => onChange(at >= 0 ? shown.filter((each) => each !== name) : [...shown, name])}
                  styles={{ label: { whiteSpace: "nowrap" } }}
                />
                <Group gap={2} wrap="nowrap">
                  <Share share={filled.get(name)} />
                  <Mover name={name} way="up" disabled={at <= 0} onMove={() => move(at, at - 1)} />
                  <Mover
                    name={name}
                    way="down"
                    disabled={at < 0 || at === shown.length - 1}
                    onMove={() => move(at, at + 1)}
                  />
                </Group>
              </Group>
            );
          })}
          {found.length === 0 && (
            <Text size="sm" c="dimmed" p="xs">
              No column of that name
            </Text>
          )}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Nothing where nobody counted: bookkeeping columns are always filled. */
function Share({ share }: { share: number | undefined }) {
  if (share === undefined) return null;
  return (
    <Text size="xs" c="dimmed" mr={4} style={{ whiteSpace: "nowrap" }} title="Rows with a value">
      {formatShare(share)}
    </Text>
  );
}

interface MoverProps {
  name: string;
  way: "up" | "down";
  disabled: boolean;
  onMove: () => void;
}

function Mover({ name, way, disabled, onMove }: MoverProps) {
  const Icon = way === "up" ? IconArrowUp : IconArrowDown;
  const label = `Move ${columnTitle(name)} ${way}`;
  return (
    <ActionIcon variant="subtle" color="gray" size={24} disabled={disabled} onClick={onMove} aria-label={label}>
      <Icon size={14} />
    </ActionIcon>
  );
}
