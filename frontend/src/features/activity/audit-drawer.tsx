/** One event of the history with all that is known of it, and its place in the chain. */
import { Code, Drawer, Group, Stack } from "@mantine/core";

import type { AuditEvent } from "@/features/activity/audit-query";
import { CopyButton } from "@/ui/copy-button";
import { Facts } from "@/ui/facts";
import { JsonView } from "@/ui/json-view";
import { When } from "@/ui/when";

export function AuditDrawer({ event, onClose }: { event: AuditEvent | undefined; onClose: () => void }) {
  return (
    <Drawer opened={event !== undefined} onClose={onClose} position="right" size="lg" title={event?.action ?? "Event"}>
      {event !== undefined && (
        <Stack gap="lg">
          <Facts
            cols={2}
            facts={[
              { name: "Number", value: event.seq },
              { name: "When", value: <When at={event.at} /> },
              { name: "Who", value: event.actor },
              { name: "To what", value: event.subject },
              { name: "Hash", value: <Hash value={event.hash} what="hash" /> },
              { name: "Hash of the one before", value: <Hash value={event.previous_hash} what="hash before" /> },
            ]}
          />
          <JsonView value={event.data} open={3} />
        </Stack>
      )}
    </Drawer>
  );
}

function Hash({ value, what }: { value: string; what: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Code fz={12} title={value}>
        {value.slice(0, 16)}…
      </Code>
      <CopyButton value={value} what={what} />
    </Group>
  );
}
