/** Where a sync, a task or one of its runs stands. */
import { StatusBadge } from "@/ui/status-badge";
import type { Tone } from "@/ui/tones";

type Status = "requested" | "queued" | "running" | "canceling" | "succeeded" | "failed" | "canceled";

const LOOKS: Record<Status, { tone: Tone; word: string }> = {
  requested: { tone: "unknown", word: "asked for" },
  queued: { tone: "unknown", word: "queued" },
  running: { tone: "busy", word: "running" },
  canceling: { tone: "busy", word: "stopping" },
  succeeded: { tone: "good", word: "succeeded" },
  failed: { tone: "bad", word: "failed" },
  canceled: { tone: "off", word: "canceled" },
};

export function RunStatus({ status, hint }: { status: Status; hint?: string | null }) {
  const { tone, word } = LOOKS[status];
  return (
    <StatusBadge size="sm" tone={tone} hint={hint}>
      {word}
    </StatusBadge>
  );
}

/** Whether nothing changes about it any more. */
export function isOver(status: Status): boolean {
  return status === "succeeded" || status === "failed" || status === "canceled";
}

/** Whether it was asked for and nobody began with it. */
export function isWaiting(status: Status): boolean {
  return status === "requested" || status === "queued";
}
