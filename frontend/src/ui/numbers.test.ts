import { expect, test } from "vitest";

import { formatCount, formatMoney, formatProbability, formatSeconds, formatShare, formatShort } from "@/ui/numbers";
import { relativeTime } from "@/ui/when";

test("figures keep the digits that say something", () => {
  expect(formatCount(1234567)).toBe("1,234,567");
  expect([formatShort(9999), formatShort(12_345), formatShort(3_400_000)]).toEqual(["9,999", "12.3K", "3.4M"]);
  expect([0, 0.0004, 0.125, 0.5, 0.9996, 1].map(formatShare)).toEqual([
    "0 %",
    "<0.1 %",
    "12.5 %",
    "50 %",
    "100 %",
    "100 %",
  ]);
  expect([0.25, 3.21, 42, 75, 3725].map(formatSeconds)).toEqual(["250 ms", "3.2 s", "42 s", "1 min 15 s", "1 h 2 min"]);
  expect([formatMoney("25", "USD"), formatMoney("0.0042", "USD")]).toEqual(["$25.00", "$0.0042"]);
});

test("what is nearly sure is not told as certain", () => {
  expect([0, 0.004, 0.72, 0.9978, 1].map(formatProbability)).toEqual(["0.00", "<0.01", "0.72", ">0.99", "1.00"]);
});

test("a share that is not all is never told as all", () => {
  expect(formatShare(0.9994)).toBe("99.9 %");
});

test("moments are told from the newest unit that fits", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");
  const told = (at: string) => relativeTime(new Date(at), now);
  expect(told("2026-01-10T11:59:58Z")).toBe("now");
  expect(told("2026-01-10T11:15:00Z")).toBe("45 minutes ago");
  expect(told("2026-01-09T11:00:00Z")).toBe("yesterday");
  expect(told("2026-01-10T15:00:01Z")).toBe("in 3 hours");
});
