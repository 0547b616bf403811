/** A schedule as it is chosen on a page, and as the API writes it. */

export interface Plan {
  by: "hand" | "interval" | "cron";
  every: number;
  unit: "m" | "h" | "d" | "s";
  cron: string;
  zone: string;
}

export const UNITS = [
  { unit: "m", one: "minute", many: "minutes", seconds: 60 },
  { unit: "h", one: "hour", many: "hours", seconds: 3_600 },
  { unit: "d", one: "day", many: "days", seconds: 86_400 },
  { unit: "s", one: "second", many: "seconds", seconds: 1 },
] as const;

const SHORTEST_S = 10;

export function readPlan(schedule: string | null, fallback: Plan["by"] = "hand"): Plan {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const plan: Plan = { by: fallback, every: 1, unit: "h", cron: "0 6 * * *", zone };
  if (schedule === null) return plan;
  const seconds = /^(\d+)s$/.exec(schedule)?.[1];
  if (seconds === undefined) {
    const words = schedule.split(" ");
    return { ...plan, by: "cron", cron: words.slice(0, 5).join(" "), zone: words[5] ?? "UTC" };
  }
  const found = [...UNITS].sort((a, b) => b.seconds - a.seconds).find((each) => Number(seconds) % each.seconds === 0);
  const { unit, seconds: size } = found ?? UNITS[3];
  return { ...plan, by: "interval", unit, every: Number(seconds) / size };
}

/** As the API takes it; null is by hand. */
export function writePlan({ by, every, unit, cron, zone }: Plan): string | null {
  if (by === "hand") return null;
  return by === "interval" ? `every ${every}${unit}` : `${cron.trim().split(/\s+/).join(" ")} ${zone.trim() || "UTC"}`;
}

/** What is wrong with it, as far as one can tell here; the API says the rest. */
export function problemOfPlan({ by, every, unit, cron }: Plan): string | undefined {
  if (by === "cron") return cron.trim().split(/\s+/).length === 5 ? undefined : "Five fields with spaces between";
  if (by === "hand") return undefined;
  const seconds = every * (UNITS.find((each) => each.unit === unit)?.seconds ?? 1);
  return Number.isInteger(every) && seconds >= SHORTEST_S ? undefined : `At least ${SHORTEST_S} seconds`;
}
