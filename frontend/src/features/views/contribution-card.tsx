/** What one source record gives for a cell: record, value, mapping version, and the rules that read it. */
import { Code, Group, Stack, Text } from "@mantine/core";

import type { Contribution } from "@/api/queries/row-queries";
import { readable } from "@/ui/cell-text";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { transformInWords } from "@/ui/transform-words";
import { When } from "@/ui/when";
import classes from "./cell-origin.module.css";

interface ContributionCardProps {
  contribution: Contribution;
  value: string;
  isWinner?: boolean;
}

export function ContributionCard({ contribution, value, isWinner = false }: ContributionCardProps) {
  const { connection, stream, record_id, updated_at, mapping_version, rules } = contribution;
  return (
    <div className={classes.card} data-winner={isWinner || undefined}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <div>
          <Text size="sm" fw={650}>
            {connection ?? "Deleted connection"} · {stream ?? "a stream that cannot be told"}
          </Text>
          <Text size="xs" c="dimmed">
            record <Code>{readable(record_id)}</Code>
            {updated_at !== null && (
              <>
                {" changed "}
                <When at={updated_at} size="xs" />
              </>
            )}
          </Text>
        </div>
        <StatusBadge size="sm" tone={isWinner ? "good" : "off"}>
          {isWinner ? "shown" : "gave way"}
        </StatusBadge>
      </Group>
      {!isWinner && (
        <Text size="sm" mt={6} style={{ overflowWrap: "anywhere" }}>
          {value}
        </Text>
      )}
      <Stack gap={4} mt={8}>
        {rules.map((rule) => (
          <Group key={`${rule.source} ${JSON.stringify(rule.transform)}`} gap="xs">
            <Code>{rule.source}</Code>
            <Text size="xs">
              {transformInWords(rule.transform)}, decided by {rule.decided_by}
            </Text>
            <Probability value={rule.probability} />
          </Group>
        ))}
        <Text size="xs" c="dimmed">
          Mapping version {mapping_version}
          {rules.length === 0 && " tells no rule for this column"}
        </Text>
      </Stack>
    </div>
  );
}
