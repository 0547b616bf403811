import { expect, test } from "vitest";

import { ProblemError } from "@/api/problem";
import { isWorthRetrying, retryDelayMs } from "@/app/query-client";

const problem = (status: number, retryAfterS: number | null = null) =>
  new ProblemError({ type: "x", title: "x", status }, null, retryAfterS);

test("a refusal is final; what is busy or away is tried three times", () => {
  expect([400, 403, 404, 409, 422].map((status) => isWorthRetrying(0, problem(status)))).toEqual(Array(5).fill(false));
  expect([429, 500, 503].map((status) => isWorthRetrying(0, problem(status)))).toEqual([true, true, true]);
  expect(isWorthRetrying(3, problem(503))).toBe(false);
});

test("waits as long as it is asked to", () => {
  expect(retryDelayMs(0, problem(503, 7))).toBe(7000);
  expect(retryDelayMs(2, problem(503))).toBe(4000);
});
