import { expect, test } from "vitest";

import { describeProblem, fieldErrors, problemOf } from "@/api/problem";
import { safeNext } from "@/api/safe-next";

const refused = (body: unknown, status: number, headers: Record<string, string> = {}) =>
  problemOf(new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers }));

test("a problem document is told in its own words, with its trace", async () => {
  const error = await refused(
    { type: "/problems/conflict", title: "It exists", status: 409, detail: "Another has it." },
    409,
    { "X-Trace-Id": "t1" },
  );
  expect(describeProblem(error)).toEqual({ title: "It exists", detail: "Another has it.", traceId: "t1" });
  expect(error.slug).toBe("conflict");
});

test("what is wrong with fields is told with the field, and belongs to it", async () => {
  const error = await refused(
    { type: "x", title: "Unusable", status: 422, errors: [{ at: "body.email", message: "no address" }] },
    422,
  );
  expect(describeProblem(error).detail).toBe("email: no address");
  expect(fieldErrors(error)).toEqual({ email: "no address" });
});

test("who has to wait is told how long", async () => {
  const error = await refused({ type: "x", title: "Too many requests", status: 429 }, 429, { "Retry-After": "240" });
  expect(describeProblem(error).detail).toBe("Try again in 4 minutes.");
});

test("an answer that is no problem document has words too", async () => {
  expect(describeProblem(await refused("<html>", 502)).title).toBe("The server did not manage to answer");
});

test("a connection that did not come about is told as such, a mistake of the page is not", () => {
  expect(describeProblem(new TypeError("Failed to fetch")).title).toBe("The server cannot be reached");
  expect(describeProblem(new TypeError("x is undefined")).title).toBe("This did not work");
});

test.each([
  ["/team?tab=keys#x", "/team?tab=keys#x"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  [undefined, "/"],
])("after logging in %s leads to %s", (next, to) => {
  expect(safeNext(next)).toBe(to);
});
