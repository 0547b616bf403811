/** Listings to come back to: open one, keep this one, take one away. */
import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";

import { useSavedViews, type SavedView } from "@/features/views/saved-views";
import { ToolButton } from "@/features/views/tool-button";
import classes from "./saved-menu.module.css";

interface SavedMenuProps {
  view: string;
  /** What is shown now. */
  now: Omit<SavedView, "name">;
  onOpen: (saved: SavedView) => void;
}

export function SavedMenu({ view, now, onOpen }: SavedMenuProps) {
  const { saved, save, forget } = useSavedViews(view);
  const [opened, { toggle, close }] = useDisclosure(false);
  const [name, setName] = useState("");

  const words = saved.length === 0 ? "Saved" : `Saved (${saved.length})`;

  function keep(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === "") return;
    save({ ...now, name: name.trim() });
    setName("");
  }

  return (
    <Popover
      opened={opened}
      onChange={toggle}
      onDismiss={close}
      position="bottom-end"
      width={300}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <ToolButton icon={<IconBookmark size={16} />} name={words} onClick={toggle} aria-expanded={opened}>
          {words}
        </ToolButton>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label="Saved listings">
        <Stack gap="xs">
          {saved.map((each) => (
            <Group key={each.name} gap={4} wrap="nowrap">
              <UnstyledButton
                className={classes.entry}
                onClick={() => {
                  onOpen(each);
                  close();
                }}
              >
                {each.name}
              </UnstyledButton>
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => forget(each.name)}
                aria-label={`Delete ${each.name}`}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          <form onSubmit={keep}>
            <Group gap="xs" wrap="nowrap" align="flex-end">
              <TextInput
                label="Keep this one as"
                value={name}
                onChange={({ currentTarget }) => setName(currentTarget.value)}
                maxLength={60}
                flex={1}
                data-autofocus
              />
              <Button type="submit" disabled={name.trim() === ""}>
                Save
              </Button>
            </Group>
          </form>
          <Text size="xs" c="dimmed">
            Filters, order and columns. Kept in this browser alone; to share them, send the address of this page.
          </Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
