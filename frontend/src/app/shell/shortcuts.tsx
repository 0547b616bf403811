/** `g` and a letter for every page, and `?` for the list of all keys that work where one is. */
import { Group, Modal, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";

import { setShortcutsOpen, showShortcuts, useShortcutsOpen } from "@/app/shell/shortcuts-open";
import { useNavPages } from "@/app/shell/use-nav-pages";
import { readHotkeys, registerHotkey, subscribeToHotkeys, type Hotkey } from "@/ui/hotkeys";
import { KeyHint } from "@/ui/key-hint";
import { useHotkey } from "@/ui/use-hotkey";

export function Shortcuts() {
  usePageKeys();
  useHotkey("?", "Show the shortcuts", showShortcuts, { section: "Everywhere" });
  const isOpen = useShortcutsOpen();
  return (
    <Modal opened={isOpen} onClose={() => setShortcutsOpen(false)} title="Keyboard shortcuts" size="md">
      <ShortcutList />
    </Modal>
  );
}

function usePageKeys(): void {
  const navigate = useNavigate();
  const pages = useNavPages();
  useEffect(() => {
    const stops = pages.map(({ letter, title, path }) =>
      registerHotkey({ keys: `g ${letter}`, does: title, section: "Go to", run: () => void navigate({ to: path }) }),
    );
    return () => stops.forEach((stop) => stop());
  }, [navigate, pages]);
}

function ShortcutList() {
  const hotkeys = useSyncExternalStore(subscribeToHotkeys, readHotkeys);
  const sections = new Map<string, Hotkey[]>();
  for (const hotkey of hotkeys) sections.set(hotkey.section, [...(sections.get(hotkey.section) ?? []), hotkey]);
  return (
    <Stack gap="lg">
      {[...sections].map(([section, keys]) => (
        <section key={section} aria-label={section}>
          <Text size="xs" fw={650} c="dimmed" mb={6}>
            {section}
          </Text>
          <Stack gap={8}>
            {keys.map((hotkey) => (
              <Group key={hotkey.keys} justify="space-between" wrap="nowrap">
                <Text size="sm">{hotkey.does}</Text>
                <KeyHint keys={hotkey.keys} />
              </Group>
            ))}
          </Stack>
        </section>
      ))}
    </Stack>
  );
}
