/** What the first sync made of the fields: matches with their probabilities, stream by stream. */
import { Accordion, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { MappingRules } from "@/features/connections/mapping-rules";
import { mappingsQuery } from "@/features/connections/mappings-query";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

export function FirstMappings({ connectionId }: { connectionId: string }) {
  const mayRead = useMay()("drift.read");
  const { data, error, refetch } = useQuery({ ...mappingsQuery(connectionId), enabled: mayRead });
  if (!mayRead) return null;
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <CardSkeleton lines={3} />;
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No field was matched with enough certainty to be applied alone. What may be asked for waits among the approvals.
      </Text>
    );
  return (
    <section aria-label="How fields were matched">
      <Title order={3} size="h5" mb="xs">
        How fields were matched
      </Title>
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
              <MappingRules mapping={mapping} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </section>
  );
}
