/** Whether probabilities hold: what was predicted against what people decided, with how many decisions it rests on. */
import { Alert, Group, Stack, Table, Text } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";

import { CalibrationPlot } from "@/features/aam/calibration-plot";
import { bucketName, toldOf, type Bucket } from "@/features/aam/calibration";
import { Empty } from "@/ui/empty";
import { formatCount, formatShare } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { Unknown } from "@/ui/unknown";

// With fewer decisions a share says more about chance than about probabilities.
const ENOUGH = 30;

export function CalibrationCard({ buckets }: { buckets: Bucket[] }) {
  const told = buckets.reduce((sum, bucket) => sum + toldOf(bucket), 0);
  return (
    <SectionCard title="Do probabilities hold?" hint="What was predicted, and how often people approved just that">
      {buckets.length === 0 ? (
        <Empty title="Nobody decided on a repair in this span" icon={<IconScale size={24} stroke={1.6} />}>
          Every approval, rejection and undo tells whether the probability before it was right.
        </Empty>
      ) : (
        <Stack gap="sm">
          {told < ENOUGH && (
            <Alert color="yellow" variant="light" p="xs">
              Not enough decisions yet: {formatCount(told)} so far, and below {ENOUGH} such shares are mostly chance.
            </Alert>
          )}
          <Group align="flex-start" gap="lg">
            <CalibrationPlot buckets={buckets} />
            <Table.ScrollContainer minWidth={340} flex="1 1 340px">
              <Table aria-label="Predicted and decided" fz="xs" verticalSpacing={4}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th scope="col">Predicted</Table.Th>
                    <Table.Th scope="col" ta="right">
                      Mean
                    </Table.Th>
                    <Table.Th scope="col" ta="right">
                      Approved
                    </Table.Th>
                    <Table.Th scope="col">Decisions</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {buckets.map((bucket) => (
                    <Table.Tr key={bucket.low}>
                      <Table.Th scope="row">{bucketName(bucket)}</Table.Th>
                      <Table.Td ta="right">{bucket.mean_predicted.toFixed(2)}</Table.Td>
                      <Table.Td ta="right">
                        {bucket.approved_share === null ? (
                          <Unknown why="It is not known any more as what they were approved" />
                        ) : (
                          formatShare(bucket.approved_share)
                        )}
                      </Table.Td>
                      <Table.Td>
                        <Text size="xs">{decisionsInWords(bucket)}</Text>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Group>
        </Stack>
      )}
    </SectionCard>
  );
}

function decisionsInWords(bucket: Bucket): string {
  const parts: [number, string][] = [
    [bucket.approved, "approved"],
    [bucket.changed, "changed"],
    [bucket.rejected, "rejected"],
    [bucket.taken_back, "taken back"],
    [bucket.unknown, "unknown"],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${formatCount(count)} ${word}`)
    .join(", ");
}
