/** The streams of a connection: as they looked last, and, once the source is asked, how each is read from now on. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { discoverQuery } from "@/features/connections/discover-query";
import { KnownStreams } from "@/features/connections/detail/known-streams";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { StreamTable } from "@/features/connections/stream-table";
import { useChooseStream } from "@/features/connections/use-choose-stream";
import { flag, useUrlState } from "@/ui/use-url-state";

const FIELDS = { edit: flag() };

export function StreamsPanel({ connectionId }: { connectionId: string }) {
  const mayWrite = useMay()("connections.write");
  const [{ edit }, set] = useUrlState(FIELDS);
  if (edit && mayWrite) return <Editing connectionId={connectionId} onDone={() => set({ edit: false })} />;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" flex="1 1 18rem">
          As the last sync saw them; the source is not asked for this.
        </Text>
        {mayWrite && (
          <Button variant="default" leftSection={<IconPlugConnected size={16} />} onClick={() => set({ edit: true })}>
            Ask the source and change
          </Button>
        )}
      </Group>
      <KnownStreams connectionId={connectionId} />
    </Stack>
  );
}

function Editing({ connectionId, onDone }: { connectionId: string; onDone: () => void }) {
  const { data, error, refetch } = useQuery(discoverQuery(connectionId));
  const choose = useChooseStream(connectionId);
  const absent = data?.absent ?? [];
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" flex="1 1 18rem">
          As the source offers them now. A change is kept at once and counts from the next sync on.
        </Text>
        <Button variant="default" onClick={onDone}>
          Done
        </Button>
      </Group>
      {choose.error !== null && <RefusalFailure error={choose.error} />}
      {error !== null && data === undefined ? (
        <RefusalFailure error={error} onRetry={() => void refetch()} />
      ) : (
        <StreamTable
          streams={data?.streams}
          choiceOf={(stream) =>
            choose.isPending && choose.variables.stream === stream.name ? choose.variables.choice : stream.choice
          }
          onChoose={(stream, choice) => choose.mutate({ stream: stream.name, choice })}
        />
      )}
      {absent.length > 0 && (
        <Text size="sm">
          Chosen before, and not at the source now: <b>{absent.join(", ")}</b>.
        </Text>
      )}
    </Stack>
  );
}
