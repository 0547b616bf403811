/** What the records of a stream are, as far as they tell: an entity with its probability, or none. */
import { Box, Group, Skeleton, Text } from "@mantine/core";

import type { ProposedMapping } from "@/features/connections/proposed-mapping-query";
import { formatCount } from "@/ui/numbers";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";

export function ProposedEntity({ mapping }: { mapping: ProposedMapping | undefined }) {
  return (
    <Box mih={{ base: 112, sm: 52 }}>
      {mapping === undefined ? (
        <>
          <Skeleton height={18} mt={4} width={280} radius="sm" />
          <Skeleton height={12} mt={12} width={420} maw="80%" radius="sm" />
        </>
      ) : (
        <>
          <Group gap="sm">
            {mapping.entity === null ? (
              <Text fw={650}>Its records look like no entity that is known here</Text>
            ) : (
              <>
                <Text fw={650}>
                  Each record looks like one{" "}
                  <Text span inherit c="entity">
                    {mapping.entity}
                  </Text>
                </Text>
                <Probability value={mapping.entity_probability} applyAt={mapping.apply_at} />
              </>
            )}
            {!mapping.is_applied && (
              <StatusBadge
                size="sm"
                tone="waiting"
                hint="Its records land as they come, and fill no view by themselves."
              >
                in no view yet
              </StatusBadge>
            )}
          </Group>
          <Text size="xs" c="dimmed" mt={4}>
            By {formatCount(mapping.records)} {mapping.records === 1 ? "record" : "records"}
            {mapping.entity_evidence.length > 0 && `: ${mapping.entity_evidence.join("; ")}`}
          </Text>
        </>
      )}
    </Box>
  );
}
