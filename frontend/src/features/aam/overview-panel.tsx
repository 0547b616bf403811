/** The repair loop at a glance: figures, drift and repairs over time, how well probabilities hold, what stands now. */
import { Grid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { CalibrationCard } from "@/features/aam/calibration-card";
import { DriftTimeline } from "@/features/aam/drift-timeline";
import { Figures, FigureSkeletons } from "@/features/aam/figures";
import { LlmCard } from "@/features/aam/llm-card";
import { metricsQuery } from "@/features/aam/metrics-query";
import { OutcomesChart } from "@/features/aam/outcomes-chart";
import { StandingCard } from "@/features/aam/standing-card";
import { useSince } from "@/features/aam/use-since";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

export function OverviewPanel() {
  const { since, step } = useSince();
  const { data: metrics, error, refetch } = useQuery(metricsQuery(since, step));
  if (metrics === undefined && error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="md">
      {metrics === undefined ? <FigureSkeletons /> : <Figures metrics={metrics} />}
      <DriftTimeline />
      {metrics === undefined ? <CardSkeleton lines={10} /> : <OutcomesChart metrics={metrics} />}
      <Grid gutter="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          {metrics === undefined ? <CardSkeleton lines={10} /> : <CalibrationCard buckets={metrics.calibration} />}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="md">
            {metrics === undefined ? <CardSkeleton lines={5} /> : <StandingCard standing={metrics.standing} />}
            {metrics === undefined ? <CardSkeleton lines={4} /> : <LlmCard month={metrics.llm_this_month} />}
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
