/** The first records of each stream, before anything is stored. */
import { Button, Group, Stack, Text, Title } from "@mantine/core";

import { PreviewTable } from "@/features/connections/preview-table";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { StepFooter } from "@/features/connections/wizard/step-footer";
import { StreamSelect, useTakenStreams } from "@/features/connections/wizard/stream-select";

export interface StreamStepProps {
  connectionId: string;
  stream: string;
  onStream: (stream: string) => void;
  onBack: () => void;
  onNext: () => void;
}

export function StepPreview({ connectionId, stream, onStream, onBack, onNext }: StreamStepProps) {
  const { names, shown, error, refetch } = useTakenStreams(connectionId, stream);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div>
          <Title order={2} size="h4">
            Are these the right records?
          </Title>
          <Text size="sm" c="dimmed">
            The first 20 as the source gives them now. Nothing of this is stored.
          </Text>
        </div>
        <StreamSelect names={names} shown={shown} onStream={onStream} />
      </Group>
      {error !== null ? (
        <RefusalFailure error={error} onRetry={() => void refetch()} />
      ) : (
        <PreviewTable connectionId={connectionId} stream={shown} />
      )}
      <StepFooter onBack={onBack} backTo="Streams">
        <Button onClick={onNext}>See how fields are matched</Button>
      </StepFooter>
    </Stack>
  );
}
