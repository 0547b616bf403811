/** What waits at a connection for a person: open changes of its shape, and repairs to decide on. */
import { Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconHandStop } from "@tabler/icons-react";

import type { Connection } from "@/api/types";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";

type Waiting = Pick<Connection, "id" | "open_drift" | "breaking_drift" | "open_approvals">;

export function WaitingLinks({ connection }: { connection: Waiting }) {
  const { id, open_drift: drift, breaking_drift: breaking, open_approvals: approvals } = connection;
  if (drift === 0 && approvals === 0)
    return (
      <Text span size="sm" c="dimmed">
        nothing
      </Text>
    );
  return (
    <Stack gap={2} align="flex-start">
      {drift > 0 && (
        <PageLink
          to="/aam"
          search={{ tab: "drift", connection: id, status: "open" }}
          size="sm"
          c="inherit"
          style={{ whiteSpace: "nowrap" }}
        >
          <IconAlertTriangle size={14} style={{ verticalAlign: -2 }} aria-hidden /> {formatCount(drift)} drift
          {breaking > 0 && <b>, {formatCount(breaking)} breaking</b>}
        </PageLink>
      )}
      {approvals > 0 && (
        <PageLink to="/approvals" search={{ connection: id }} size="sm" c="insight" style={{ whiteSpace: "nowrap" }}>
          <IconHandStop size={14} style={{ verticalAlign: -2 }} aria-hidden /> {formatCount(approvals)} to decide
        </PageLink>
      )}
    </Stack>
  );
}
