/** What the first sync made of the fields: matches with their probabilities, stream by stream. */
import { Accordion, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { MappingNow } from "@/features/connections/mapping/mapping-now";
import { MappingRules } from "@/features/connections/mapping-rules";
import { mappingsQuery } from "@/features/connections/mappings-query";
import { UnmappedFields } from "@/features/connections/unmapped-fields";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

interface FirstMappingsProps {
  connectionId: string;
  /** Until the records are read and matched there is nothing to ask for. */
  isMatched: boolean;
}

export function FirstMappings({ connectionId, isMatched }: FirstMappingsProps) {
  const mayRead = useMay()("drift.read");
  const { data, error, refetch } = useQuery({ ...mappingsQuery(connectionId), enabled: mayRead && isMatched });
  if (!mayRead) return null;
  return (
    <section aria-label="How fields were matched">
      <Title order={3} size="h5" mb="xs">
        How fields were matched
      </Title>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : data === undefined || !isMatched ? (
        <CardSkeleton lines={8} />
      ) : data.length === 0 ? (
        <Text size="sm" c="dimmed">
          No stream was matched. Its records lie in the lake as they came, and can be mapped later.
        </Text>
      ) : (
        <Accordion variant="contained" defaultValue={data[0]?.stream}>
          {data.map((mapping) => (
            <Accordion.Item key={mapping.stream} value={mapping.stream}>
              <Accordion.Control>
                <Group gap={8}>
                  <Text size="sm" fw={650}>
                    {mapping.stream}
                  </Text>
                  <Text size="sm" c="dimmed">
                    {mapping.entity === null ? "fits no entity" : `is ${mapping.entity}`}
                  </Text>
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                <Stack gap="sm">
                  {mapping.entity === null ? (
                    <MappingNow connectionId={connectionId} stream={mapping.stream} />
                  ) : (
                    <>
                      <MappingRules mapping={mapping} />
                      <UnmappedFields connectionId={connectionId} stream={mapping.stream} withLink />
                    </>
                  )}
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </section>
  );
}
