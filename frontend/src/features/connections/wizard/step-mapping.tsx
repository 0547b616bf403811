/** Which field would fill which, with probabilities, before anything is read for good. */
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { proposedMappingQuery } from "@/features/connections/proposed-mapping-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { ProposedEntity } from "@/features/connections/wizard/proposed-entity";
import { ProposedRules } from "@/features/connections/wizard/proposed-rules";
import { StepFooter } from "@/features/connections/wizard/step-footer";
import type { StreamStepProps } from "@/features/connections/wizard/step-preview";
import { StreamSelect, useTakenStreams } from "@/features/connections/wizard/stream-select";

export function StepMapping({ connectionId, stream, onStream, onBack, onNext }: StreamStepProps) {
  const { names, shown, fields, error, refetch } = useTakenStreams(connectionId, stream);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div>
          <Title order={2} size="h4">
            What does each field become?
          </Title>
          <Text size="sm" c="dimmed" maw={620}>
            Proposed from names and the first records. The first sync looks at more of them and decides.
          </Text>
        </div>
        <StreamSelect names={names} shown={shown} onStream={onStream} />
      </Group>
      {error !== null ? (
        <RefusalFailure error={error} onRetry={() => void refetch()} />
      ) : (
        <Proposed connectionId={connectionId} stream={shown} fields={fields} />
      )}
      <StepFooter onBack={onBack} backTo="Records">
        <Button onClick={onNext}>Choose a schedule</Button>
      </StepFooter>
    </Stack>
  );
}

interface ProposedProps {
  connectionId: string;
  stream: string | undefined;
  fields: number | undefined;
}

function Proposed({ connectionId, stream, fields = 9 }: ProposedProps) {
  const { data, error, refetch } = useQuery({
    ...proposedMappingQuery(connectionId, stream ?? ""),
    enabled: stream !== undefined,
  });
  if (error !== null && data === undefined) return <RefusalFailure error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <ProposedEntity mapping={data} />
      <ProposedRules mapping={data} likely={Math.min(fields, 10)} />
    </>
  );
}
