/** One source that did not connect: why, what helps, and another try. */
import { Box, Button, Group, Text, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useMay } from "@/api/queries/me-query";
import type { Intent } from "@/features/connections/intents-query";
import { KindIcon } from "@/features/connections/kind-look";
import { useDropIntent } from "@/features/connections/use-drop-intent";
import { useRetryIntent } from "@/features/connections/use-retry-intent";
import { RowDelete } from "@/ui/row-delete";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";
import classes from "./intent-row.module.css";

const WORDS: Record<Intent["status"], string> = {
  awaiting_credentials: "needs credentials",
  network_blocked: "not reachable",
  unsupported: "not supported",
  error: "refused",
  connected: "connected",
};

export function IntentRow({ intent }: { intent: Intent }) {
  return (
    <Group className={classes.row} gap="sm" wrap="wrap">
      <KindIcon kind={intent.kind} size={30} />
      <Box flex="1 1 18rem" miw={0}>
        <Group gap={8}>
          <Text size="sm" fw={650}>
            {intent.name}
          </Text>
          <StatusBadge size="sm" tone={intent.status === "awaiting_credentials" ? "waiting" : "bad"}>
            {WORDS[intent.status]}
          </StatusBadge>
        </Group>
        <Text size="sm">{intent.reason}</Text>
        <Text size="xs" c="dimmed">
          {intent.hint} {intent.attempts === 1 ? "Tried once" : `Tried ${intent.attempts} times`}, last{" "}
          <When at={intent.updated_at} size="xs" />.
        </Text>
      </Box>
      <Actions intent={intent} />
    </Group>
  );
}

function Actions({ intent }: { intent: Intent }) {
  const may = useMay();
  const retry = useRetryIntent();
  const drop = useDropIntent();
  if (!may("connections.write")) return null;
  // Credentials that were typed are kept nowhere: without a secret by name they have to be given once more.
  const search = { step: "source", kind: intent.kind, intent: intent.id };
  return (
    <Group gap={4} wrap="nowrap">
      {intent.status !== "unsupported" && (
        <>
          <Button
            size="xs"
            variant="default"
            // Pages are a table, so the router does not know their searches by type.
            renderRoot={(props) => <Link to="/connections/new" search={search as never} {...props} />}
          >
            Open in the form
          </Button>
          <Tooltip label="Try again with what is stored: a secret of the organisation, or no credentials at all">
            <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate(intent)}>
              Try again
            </Button>
          </Tooltip>
        </>
      )}
      <RowDelete
        label={`Forget ${intent.name}`}
        title={`Forget “${intent.name}”?`}
        action="Forget"
        onConfirm={() => drop.mutateAsync(intent.id)}
      >
        It is not connected, so nothing it brought goes. The history keeps that it was wanted.
      </RowDelete>
    </Group>
  );
}
