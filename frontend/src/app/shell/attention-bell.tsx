/** The bell: how much waits for a person, and what. */
import { ActionIcon, Indicator, Popover, ScrollArea, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBell } from "@tabler/icons-react";

import { AttentionList } from "@/app/shell/attention-list";
import { useAttention } from "@/app/shell/use-attention";
import { formatAtLeast } from "@/ui/numbers";

export function AttentionBell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const attention = useAttention();
  const { approvals, failing, isFailure } = attention;
  const waiting = (approvals?.items.length ?? 0) + (failing?.length ?? 0);
  const count = formatAtLeast(waiting, approvals?.hasMore ?? false);
  const isKnown = approvals !== undefined || failing !== undefined;
  const words =
    waiting > 0
      ? `${count} waiting for a person`
      : isFailure
        ? "What waits could not be loaded; it is tried again."
        : isKnown
          ? "Nothing waits for you"
          : "What waits for you is being loaded";

  return (
    <Popover
      opened={opened}
      onChange={toggle}
      onDismiss={close}
      width={340}
      position="bottom-end"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Tooltip label={words} disabled={opened}>
          <Indicator
            label={count}
            size={16}
            offset={6}
            color={failing?.length ? "red.8" : "insight"}
            disabled={waiting === 0}
          >
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              onClick={toggle}
              aria-label={words}
              aria-expanded={opened}
            >
              <IconBell size={18} stroke={1.8} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="What waits for a person">
        <ScrollArea.Autosize mah="60vh">
          <Stack gap={2} p={8}>
            {waiting === 0 ? (
              <Text size="sm" c="dimmed" p="sm" data-autofocus tabIndex={-1}>
                {words}
              </Text>
            ) : (
              <AttentionList {...attention} onGo={close} />
            )}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
