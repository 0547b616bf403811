/** What came of trying a source: what it holds, what the credentials may do, or what stands in the way. */
import { Alert, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";

import type { Trial } from "@/features/connections/use-test-source";
import { Failure } from "@/ui/failure";
import { formatCount, formatSeconds } from "@/ui/numbers";

interface TrialResultProps {
  trial: Trial | undefined;
  error: unknown;
  isTesting: boolean;
}

const SHOWN = 8;

export function TrialResult({ trial, error, isTesting }: TrialResultProps) {
  if (isTesting)
    return (
      <Group gap="sm" role="status">
        <Loader size="xs" />
        <Text size="sm">Asking the source…</Text>
      </Group>
    );
  if (error !== null && error !== undefined) return <Failure error={error} />;
  if (trial === undefined) return null;
  return trial.ok ? <Answered trial={trial} /> : <Refused trial={trial} />;
}

function Answered({ trial: { latency_ms, grants, streams } }: { trial: Trial }) {
  const names = streams.slice(0, SHOWN).map(({ name }) => name);
  const others = streams.length - names.length;
  return (
    <Alert
      color="source"
      variant="light"
      icon={<IconCircleCheck size={18} />}
      title={`The source answers, in ${formatSeconds(latency_ms / 1000)}`}
      role="status"
    >
      <Stack gap={4}>
        <Text size="sm">
          It holds {streams.length === 1 ? "1 stream" : `${formatCount(streams.length)} streams`}: {names.join(", ")}
          {others > 0 && ` and ${formatCount(others)} more`}.
        </Text>
        {grants !== null && (
          <Text size="sm">
            {grants.writes.length === 0
              ? "The credentials can only read."
              : `The credentials may also write: ${grants.writes.join(", ")}.`}{" "}
            <Text span size="xs" c="dimmed">
              {grants.evidence}
            </Text>
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function Refused({ trial: { refusal, grants } }: { trial: Trial }) {
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title="It cannot be connected like this"
      role="alert"
    >
      <Text size="sm">{refusal?.reason}</Text>
      {grants !== null && grants.writes.length > 0 && (
        <Text size="sm">The credentials may write: {grants.writes.join(", ")}.</Text>
      )}
      {refusal !== null && refusal.hint !== "" && (
        <Text size="sm" mt={4}>
          <b>What helps:</b> {refusal.hint}
        </Text>
      )}
    </Alert>
  );
}
