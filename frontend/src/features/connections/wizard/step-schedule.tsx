/** When it is synced from now on; then the first sync begins. */
import { Button, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Tagged } from "@/api/client";
import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { connectionQuery } from "@/features/connections/connection-query";
import { ScheduleField } from "@/features/connections/schedule-field";
import { problemOfPlan, readPlan, writePlan } from "@/features/connections/schedule-plan";
import { useChangeConnection } from "@/features/connections/use-change-connection";
import { useStartSync } from "@/features/connections/use-start-sync";
import { StepFooter } from "@/features/connections/wizard/step-footer";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

interface StepScheduleProps {
  connectionId: string;
  onBack: () => void;
  onStarted: (syncId: string) => void;
}

export function StepSchedule({ connectionId, ...handlers }: StepScheduleProps) {
  const { data, error, refetch } = useQuery(connectionQuery(connectionId));
  if (data !== undefined) return <Form connection={data} {...handlers} />;
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return <CardSkeleton lines={6} />;
}

type FormProps = Omit<StepScheduleProps, "connectionId"> & { connection: Tagged<Connection> };

function Form({ connection, onBack, onStarted }: FormProps) {
  const { id, name, safe_mode, schedule } = connection.value;
  const [plan, setPlan] = useState(() => readPlan(schedule, "interval"));
  const change = useChangeConnection();
  const start = useStartSync();
  const maySync = useMay()("tasks.write");
  const problem = problemOfPlan(plan);
  async function begin() {
    await change.mutateAsync({ connectionId: id, tag: null, changes: { schedule: writePlan(plan) } });
    // An interval is due at once: who asks for a sync that waits already joins it.
    const sync = await start.mutateAsync(id);
    onStarted(sync.id);
  }
  return (
    <Stack gap="md">
      <Title order={2} size="h4">
        How often is {name} synced?
      </Title>
      <ScheduleField plan={plan} onChange={setPlan} error={problem} />
      <Text size="sm" c="dimmed">
        {safe_mode
          ? "It is in Safe Mode: the first sync asks the source slowly and reads a sample of each stream. Policy or a person lifts that afterwards."
          : "The first sync reads everything that is taken."}
      </Text>
      {start.error !== null && <Failure error={start.error} />}
      {change.error !== null && <Failure error={change.error} />}
      {!maySync && <Text size="sm">Your role cannot start a sync: ask somebody who may.</Text>}
      <StepFooter onBack={onBack} backTo="Mapping">
        <Button
          onClick={() => void begin().catch(() => {})}
          loading={start.isPending || change.isPending}
          disabled={problem !== undefined || !maySync}
        >
          Start the first sync
        </Button>
      </StepFooter>
    </Stack>
  );
}
