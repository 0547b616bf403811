/** Counts over time as stacked bars, and the same as a table for those who cannot see or point at them. */
import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { Anchor, Collapse, Group, Stack, Table, Text } from "@mantine/core";
import { useDisclosure, useReducedMotion } from "@mantine/hooks";

import { stepName, type Step } from "@/features/aam/span";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";

export interface Series {
  name: string;
  label: string;
  colour: string;
  total: number;
}

/** `starts_at` and a count for every series. */
export type StepCounts = { starts_at: string } & Record<string, number | string>;

interface StepsChartProps {
  label: string;
  steps: StepCounts[];
  series: Series[];
  step: Step;
  /** Where the rows of one step or one series are. */
  rowsOf: (place: { step?: string; series?: string }) => { to: string; search: Record<string, unknown> };
  onStep: (start: string) => void;
}

export function StepsChart({ label, steps, series, step, rowsOf, onStep }: StepsChartProps) {
  const [isTable, { toggle }] = useDisclosure(false);
  const still = useReducedMotion();
  const filled = steps.filter((each) => series.some(({ name }) => Number(each[name]) > 0));
  return (
    <Stack gap="xs">
      <div role="img" aria-label={`${label}: ${series.map((each) => `${each.total} ${each.label}`).join(", ")}`}>
        <BarChart
          h={220}
          data={steps}
          dataKey="starts_at"
          type="stacked"
          series={series.map(({ name, label: word, colour }) => ({ name, label: word, color: colour }))}
          xAxisProps={{ tickFormatter: (start: string) => stepName(start, step, true), minTickGap: 24 }}
          yAxisProps={{ allowDecimals: false, width: 36 }}
          tooltipProps={{ labelFormatter: (start?: string) => (start ? stepName(start, step) : "") }}
          barProps={{ isAnimationActive: !still, animationDuration: 250 }}
          barChartProps={{
            onClick: ({ activeLabel }) => activeLabel !== undefined && onStep(activeLabel),
            style: { cursor: "pointer" },
          }}
          maxBarWidth={36}
        />
      </div>
      <Group justify="space-between" gap="xs">
        <Group gap="md">
          {series.map((each) => (
            <Group key={each.name} gap={6} wrap="nowrap">
              <span
                aria-hidden
                style={{ width: 10, height: 10, borderRadius: 3, background: cssColour(each.colour), flex: "none" }}
              />
              <PageLink size="xs" {...rowsOf({ series: each.name })}>
                {each.label} {formatCount(each.total)}
              </PageLink>
            </Group>
          ))}
        </Group>
        <Anchor component="button" type="button" size="xs" onClick={toggle} aria-expanded={isTable}>
          {isTable ? "Hide the table" : "As a table"}
        </Anchor>
      </Group>
      <Collapse in={isTable}>
        {isTable && (
          <Table.ScrollContainer minWidth={420} mah={320}>
            <Table aria-label={label} withTableBorder fz="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{step} (UTC)</Table.Th>
                  {series.map((each) => (
                    <Table.Th key={each.name} scope="col" ta="right">
                      {each.label}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {filled.map((each) => (
                  <Table.Tr key={each.starts_at}>
                    <Table.Th scope="row">
                      <PageLink size="xs" {...rowsOf({ step: each.starts_at })}>
                        {stepName(each.starts_at, step)}
                      </PageLink>
                    </Table.Th>
                    {series.map(({ name }) => (
                      <Table.Td key={name} ta="right">
                        {formatCount(Number(each[name] ?? 0))}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Collapse>
      <Text size="xs" c="dimmed">
        Counted by {step} in UTC. A bar leads to its rows.
      </Text>
    </Stack>
  );
}

function cssColour(colour: string): string {
  return `var(--mantine-color-${colour.replace(".", "-")})`;
}
