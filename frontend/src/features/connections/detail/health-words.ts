/** Parts of a connection's health in words. */
import type { Health } from "@/features/connections/health-query";
import { formatSeconds } from "@/ui/numbers";
import type { Tone } from "@/ui/tones";

const CIRCUITS: Record<Health["circuit"], { tone: Tone; word: string; hint: string }> = {
  closed: { tone: "good", word: "closed", hint: "It is synced as planned." },
  open: { tone: "bad", word: "open", hint: "After failures in a row the schedule leaves it alone for a while." },
  half_open: {
    tone: "careful",
    word: "half open",
    hint: "Its next sync is the trial: it closes or opens the circuit.",
  },
};

export function circuitInWords({ circuit }: Pick<Health, "circuit">) {
  return CIRCUITS[circuit];
}

export function overdueInWords(seconds: number): string {
  return `due for ${formatSeconds(seconds)}`;
}
