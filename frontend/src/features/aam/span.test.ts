import { expect, test } from "vitest";

import { countSteps } from "@/features/aam/count-steps";
import { sinceOf, stepEnd, stepsBetween, stepStart } from "@/features/aam/span";

const iso = (ms: number) => new Date(ms).toISOString();

test("steps begin where the API begins them: hours and days in UTC, weeks on Monday", () => {
  const at = "2026-01-07T15:42:00Z"; // a Wednesday
  expect(iso(stepStart(at, "hour"))).toBe("2026-01-07T15:00:00.000Z");
  expect(iso(stepStart(at, "day"))).toBe("2026-01-07T00:00:00.000Z");
  expect(iso(stepStart(at, "week"))).toBe("2026-01-05T00:00:00.000Z");
  expect(stepEnd("2026-01-05T00:00:00.000Z", "week")).toBe("2026-01-12T00:00:00.000Z");
  expect(sinceOf("7d", Date.parse(at))).toBe("2025-12-31T00:00:00.000Z");
  expect(stepsBetween("2026-01-05T10:00:00Z", Date.parse(at), "day")).toHaveLength(3);
});

test("a step in which nothing happened is none", () => {
  const happened = [
    { at: "2026-01-01T09:00:00Z", series: "info", count: 1 },
    { at: "2026-01-01T10:00:00Z", series: "info", count: 1 },
    { at: "2026-01-03T10:00:00Z", series: "breaking", count: 2 },
  ];
  const steps = countSteps(happened, "2026-01-01T00:00:00Z", Date.parse("2026-01-03T12:00:00Z"), "day");
  expect(steps.map(({ info, breaking }) => [info, breaking])).toEqual([
    [2, 0],
    [0, 0],
    [0, 2],
  ]);
});
