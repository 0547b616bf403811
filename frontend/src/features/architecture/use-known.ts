/** Everything that this person may know of the platform, gathered from where it is told. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay, useMe } from "@/api/queries/me-query";
import { stageEventsQuery } from "@/api/queries/stage-events-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import type { Heard, Known } from "@/features/architecture/known";
import { lagQuery } from "@/features/architecture/lag-query";
import { platformHealthQuery } from "@/features/architecture/platform-health-query";
import { queuesQuery } from "@/features/architecture/queues-query";
import { readyQuery } from "@/features/architecture/ready-query";
import { versionsQuery } from "@/features/architecture/versions-query";
import { useLiveEvents } from "@/live/use-live";

const STAGES = { kinds: ["stage"] };

export function useKnown(): Known {
  const { is_operator: isOperator } = useMe();
  const ready = useQuery(readyQuery());
  const health = useQuery({ ...platformHealthQuery(), enabled: isOperator });
  const queues = useQuery({ ...queuesQuery(), enabled: isOperator });
  const versions = useQuery({ ...versionsQuery(), enabled: isOperator });
  const connections = useQuery(connectionsQuery());
  const state = useQuery(tenantStateQuery());
  const mayHear = useMay()("events.read");
  const told = useQuery({ ...stageEventsQuery(), enabled: mayHear }).data;
  const lag = useQuery({ ...lagQuery(), enabled: isOperator });
  const events = useLiveEvents(STAGES);
  const heard = useMemo(() => newestOfEach([...(told?.toReversed() ?? []), ...events]), [told, events]);
  return {
    // An answer of before says nothing of now.
    ready: ready.isError ? null : ready.data,
    isOperator,
    dependencies: health.data?.dependencies,
    queues: queues.data,
    lag: lag.data,
    versions: versions.data,
    connections: connections.data,
    publication: state.data?.publication,
    heard,
  };
}

/** `events` oldest first. */
function newestOfEach(events: readonly Heard[]): Map<string, Heard> {
  const heard = new Map<string, Heard>();
  for (const event of events) {
    const stage = event.data["stage"];
    if (typeof stage === "string") heard.set(stage, event);
  }
  return heard;
}
