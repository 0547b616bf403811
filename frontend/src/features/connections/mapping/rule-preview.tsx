/** What rules would do to sample records, before they are put in force. */
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { rulePreviewQuery } from "@/features/connections/mapping/rule-preview-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import type { WrittenRule } from "@/features/connections/use-write-mapping";
import { SampleRows } from "@/ui/sample-rows";
import { CardSkeleton } from "@/ui/skeletons";

interface RulePreviewProps {
  connectionId: string;
  stream: string;
  rules: WrittenRule[];
  entity: string | null;
}

export function RulePreview({ connectionId, stream, rules, entity }: RulePreviewProps) {
  const { data, error, refetch, isPlaceholderData } = useQuery(rulePreviewQuery(connectionId, stream, rules, entity));
  if (error !== null) return <RefusalFailure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <CardSkeleton lines={4} />;
  return (
    <Stack gap={6} component="section" aria-label="Preview" aria-busy={isPlaceholderData}>
      <Text size="sm" fw={650}>
        What it would do
      </Text>
      <SampleRows samples={data.samples} proposedAs="with this" />
    </Stack>
  );
}
