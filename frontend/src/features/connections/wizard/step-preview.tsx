/** The first records of each stream, before anything is stored. */
import { Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { discoverQuery } from "@/features/connections/discover-query";
import { PreviewTable } from "@/features/connections/preview-table";
import { Failure } from "@/ui/failure";

interface StepPreviewProps {
  connectionId: string;
  stream: string;
  onStream: (stream: string) => void;
  onBack: () => void;
  onNext: () => void;
}

export function StepPreview({ connectionId, stream, onStream, onBack, onNext }: StepPreviewProps) {
  const { data, error, refetch } = useQuery(discoverQuery(connectionId));
  const names = data?.streams.filter(({ choice }) => choice.enabled).map(({ name }) => name) ?? [];
  const shown = names.includes(stream) ? stream : names[0];
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
        <Select
          label="Stream"
          data={names}
          value={shown ?? null}
          onChange={(next) => next !== null && onStream(next)}
          searchable
          allowDeselect={false}
          w={260}
        />
      </Group>
      {error !== null && data === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      <PreviewTable connectionId={connectionId} stream={shown} />
      <Text size="sm" c="dimmed">
        Which field fills which column of a view is decided once the first sync has seen values: then each match has its
        probability, and what is not sure enough waits for you.
      </Text>
      <Group justify="space-between" gap="sm">
        <Button variant="default" onClick={onBack}>
          Back to the streams
        </Button>
        <Button onClick={onNext}>Choose a schedule</Button>
      </Group>
    </Stack>
  );
}
