/** The bell: how much waits for a person, and what. */
import { ActionIcon, Indicator, Popover, ScrollArea, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBell } from "@tabler/icons-react";

import { AttentionItem } from "@/app/shell/attention-item";
import { useAttention } from "@/app/shell/use-attention";
import { formatCount, formatShort } from "@/ui/numbers";
import { When } from "@/ui/when";

const SHOWN = 8;

export function AttentionBell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { approvals, failing, isFailure } = useAttention();
  const count = (approvals?.length ?? 0) + (failing?.length ?? 0);
  const words = count === 0 ? "Nothing waits for you" : `${formatCount(count)} waiting for a person`;

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
            label={formatShort(count)}
            size={16}
            offset={6}
            color={failing?.length ? "red.8" : "insight"}
            disabled={count === 0}
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
            {count === 0 && (
              <Text size="sm" c="dimmed" p="sm" data-autofocus tabIndex={-1}>
                {isFailure ? "What waits could not be loaded; it is tried again." : "Nothing waits for you."}
              </Text>
            )}
            {(failing ?? []).slice(0, SHOWN).map((connection) => (
              <AttentionItem
                key={connection.id}
                tone="bad"
                to={`/connections/${connection.id}`}
                list="/connections"
                title={connection.name}
                onClick={close}
              >
                {connection.error ?? (connection.status === "needs_person" ? "Needs a person" : "Its last sync failed")}
              </AttentionItem>
            ))}
            {(approvals ?? []).slice(0, SHOWN).map((repair) => (
              <AttentionItem
                key={repair.id}
                tone="waiting"
                to={`/approvals/${repair.id}`}
                list="/approvals"
                title={`${repair.connection ?? "Deleted connection"} · ${repair.stream}`}
                onClick={close}
              >
                {repair.kind}, asked <When at={repair.created_at} size="xs" />
              </AttentionItem>
            ))}
            {count > 2 * SHOWN && (
              <Text size="xs" c="dimmed" px="sm" py={4}>
                {formatCount(count)} in all
              </Text>
            )}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
