/** Spans of time and the steps they are counted in, at the same borders as the API counts: in UTC, weeks from Monday. */
export type Span = "24h" | "7d" | "30d" | "90d" | "365d";
export type Step = "hour" | "day" | "week";

const HOUR_MS = 3_600_000;
const LENGTH_MS: Record<Step, number> = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS };
// 1970-01-01 was a Thursday.
const FIRST_MONDAY_MS = 4 * 24 * HOUR_MS;

export const SPANS: Record<Span, { words: string; hours: number; step: Step }> = {
  "24h": { words: "24 hours", hours: 24, step: "hour" },
  "7d": { words: "7 days", hours: 7 * 24, step: "day" },
  "30d": { words: "30 days", hours: 30 * 24, step: "day" },
  "90d": { words: "90 days", hours: 90 * 24, step: "week" },
  "365d": { words: "a year", hours: 365 * 24, step: "week" },
};

export function stepStart(at: string | number, step: Step): number {
  const ms = typeof at === "number" ? at : Date.parse(at);
  const from = step === "week" ? FIRST_MONDAY_MS : 0;
  return Math.floor((ms - from) / LENGTH_MS[step]) * LENGTH_MS[step] + from;
}

/** Where the next step begins. */
export function stepEnd(start: string, step: Step): string {
  return new Date(Date.parse(start) + LENGTH_MS[step]).toISOString();
}

/** The first moment of the span, at the beginning of an hour or day, so that asking again asks for the same. */
export function sinceOf(span: Span, now: number = Date.now()): string {
  const { hours, step } = SPANS[span];
  return new Date(stepStart(now - hours * HOUR_MS, step === "hour" ? "hour" : "day")).toISOString();
}

/** The beginning of every step from the first to the last moment, as ISO texts. */
export function stepsBetween(since: string, until: number, step: Step): string[] {
  const starts: string[] = [];
  for (let at = stepStart(since, step); at <= until; at += LENGTH_MS[step]) starts.push(new Date(at).toISOString());
  return starts;
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `14:00`, `3 Jan`, `week of 3 Jan`; in UTC, as it is counted. */
export function stepName(start: string, step: Step, short = false): string {
  const at = new Date(start);
  if (step === "hour") return short ? TIME.format(at) : `${DAY.format(at)}, ${TIME.format(at)} UTC`;
  return step === "week" && !short ? `week of ${DAY.format(at)}` : DAY.format(at);
}
