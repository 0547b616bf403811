/** How many runs are in each stage now, and what was heard of it last; of what was not heard nothing is said. */
import { isStage, type Stage } from "@/features/flow/places";
import type { Schemas } from "@/api/types";
import type { LiveEvent } from "@/live/event-stream";

export interface StageStanding {
  running: number;
  last: LiveEvent | null;
}

const ENDS = ["sync.succeeded", "sync.failed", "sync.canceled", "refresh.failed", "refresh.canceled"];

export function standingsOf(
  events: readonly LiveEvent[],
  state: Schemas["TenantStateOut"] | undefined,
): Map<Stage, StageStanding> {
  const running = new Map<string, { stage: Stage; at: string }>();
  const last = new Map<Stage, LiveEvent>();
  for (const event of events) {
    const run = event.data["sync_run_id"] ?? event.data["refresh_id"];
    if (typeof run !== "string") continue;
    if (ENDS.includes(event.kind)) running.delete(run);
    const stage = event.data["stage"];
    if (!event.kind.startsWith("stage.") || !isStage(stage)) continue;
    last.set(stage, event);
    if (event.kind === "stage.started") running.set(run, { stage, at: event.at });
    else running.delete(run);
  }
  const standings = new Map([...last].map(([stage, event]) => [stage, { running: 0, last: event }]));
  for (const [run, { stage, at }] of running) {
    const standing = standings.get(stage);
    if (standing !== undefined && !isOver(run, at, state)) standing.running += 1;
  }
  return standings;
}

/** A run that died says nothing of it; what the state of the organisation does not list any more has ended. */
function isOver(run: string, since: string, state: Schemas["TenantStateOut"] | undefined): boolean {
  return state !== undefined && Date.parse(state.at) > Date.parse(since) && !state.running.some(({ id }) => id === run);
}
