/** Kinds of task in words. */
import type { Task } from "@/features/activity/tasks-query";

export const TASK_KINDS = [
  "sync",
  "sync_all",
  "replay",
  "refresh_views",
  "rebuild",
] as const satisfies readonly Task["kind"][];
export const TASK_STATUSES = [
  "requested", "queued", "running", "canceling", "succeeded", "failed", "canceled",
] as const satisfies readonly Task["status"][]; // prettier-ignore

const NAMES: Record<Task["kind"], string> = {
  sync: "Sync",
  sync_all: "Sync of every connection",
  replay: "Replay",
  refresh_views: "New views",
  rebuild: "Rebuild of everything",
};

export function taskName(kind: Task["kind"]): string {
  return NAMES[kind];
}
