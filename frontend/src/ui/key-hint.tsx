/** Keys as they are pressed: `mod+k` together, `g d` one after the other. */
import { Group, Kbd, Text } from "@mantine/core";
import { Fragment } from "react";

const isMac = typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.userAgent);
const NAMES: Record<string, string> = {
  mod: isMac ? "⌘" : "Ctrl",
  shift: "Shift",
  alt: isMac ? "⌥" : "Alt",
  enter: "Enter",
  escape: "Esc",
  arrowup: "↑",
  arrowdown: "↓",
};

export function keyName(key: string): string {
  return NAMES[key.toLowerCase()] ?? key.toUpperCase();
}

export function KeyHint({ keys }: { keys: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span" style={{ display: "inline-flex" }}>
      {keys.split(" ").map((chord, at) => (
        <Fragment key={`${chord}-${at}`}>
          {at > 0 && (
            <Text span size="xs" c="dimmed">
              then
            </Text>
          )}
          {chord.split("+").map((key) => (
            <Kbd key={key} size="xs">
              {keyName(key)}
            </Kbd>
          ))}
        </Fragment>
      ))}
    </Group>
  );
}
