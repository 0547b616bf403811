/** Which streams and columns are taken, as the source offers them now. */
import { Button, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { choicesToSend, type Choice } from "@/features/connections/choices";
import { discoverQuery, type SourceStream } from "@/features/connections/discover-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { StreamTable } from "@/features/connections/stream-table";
import { useChooseStreams } from "@/features/connections/use-choose-streams";
import { DiscardButton } from "@/features/connections/wizard/discard-button";
import { StepFooter } from "@/features/connections/wizard/step-footer";
import { formatCount } from "@/ui/numbers";

interface StepStreamsProps {
  connectionId: string;
  onNext: () => void;
}

export function StepStreams({ connectionId, onNext }: StepStreamsProps) {
  const { data, error, refetch } = useQuery(discoverQuery(connectionId));
  const [drafts, setDrafts] = useState<Record<string, Choice>>({});
  const choose = useChooseStreams(connectionId);
  const choiceOf = (stream: SourceStream) => drafts[stream.name] ?? stream.choice;
  const streams = data?.streams;
  const taken = streams?.filter((stream) => choiceOf(stream).enabled).length ?? 0;
  function next() {
    if (streams === undefined || Object.keys(drafts).length === 0) return onNext();
    choose.mutate(choicesToSend(streams, choiceOf), { onSuccess: onNext });
  }
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h4">
          What is taken?
        </Title>
        <Text size="sm" c="dimmed">
          {streams === undefined ? "The source is asked what it holds." : tellTaken(taken, streams.length)}
        </Text>
      </div>
      <StreamTable
        streams={streams}
        choiceOf={choiceOf}
        onChoose={(stream, choice) => setDrafts({ ...drafts, [stream.name]: choice })}
        error={error}
        onRetry={() => void refetch()}
      />
      {choose.error !== null && <RefusalFailure error={choose.error} />}
      <StepFooter left={<DiscardButton connectionId={connectionId} />}>
        <Button onClick={next} loading={choose.isPending} disabled={streams === undefined || taken === 0}>
          Look at records
        </Button>
      </StepFooter>
    </Stack>
  );
}

function tellTaken(taken: number, all: number): string {
  const streams = all === 1 ? "The one stream" : `${formatCount(taken)} of ${formatCount(all)} streams`;
  if (taken === 0) return "Nothing is taken: switch on what you want to read.";
  return `${streams} ${taken === 1 ? "is" : "are"} taken. What you leave out never leaves the source.`;
}
