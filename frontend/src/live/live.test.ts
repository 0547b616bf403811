import { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";

import { TOPICS } from "@/api/topics";
import { EventStore, KEPT } from "@/live/event-store";
import { Invalidator, topicsOf } from "@/live/invalidation";
import { fits } from "@/live/use-live";

const event = (kind: string, data: Record<string, unknown> = {}) => ({
  id: "1-0",
  kind,
  at: "",
  actor: null,
  traceId: null,
  data,
});

test("the longest prefix of a kind says what is out of date", () => {
  expect(topicsOf("sync.stream")).toEqual(["syncs"]);
  expect(topicsOf("sync.requested")).toContain("connections");
  expect(topicsOf("views.published")).toContain("rows");
  expect(topicsOf("nobody.knows")).toEqual([]);
  expect(topicsOf("approval.opened").every((topic) => TOPICS.includes(topic))).toBe(true);
});

test("many events ask once; a loss asks for everything", async () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  const asked = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  const invalidator = new Invalidator(client);
  for (let each = 0; each < 100; each++) invalidator.after("task.progress");
  await vi.advanceTimersByTimeAsync(600);
  expect(asked.mock.calls).toEqual([[{ queryKey: ["tasks"] }]]);
  invalidator.after("events.lost");
  expect(asked).toHaveBeenLastCalledWith();
  vi.useRealTimers();
});

test("the last events are kept, and readers are told in batches", async () => {
  vi.useFakeTimers();
  const store = new EventStore();
  const told = vi.fn();
  store.subscribe(told);
  for (let each = 0; each < KEPT + 20; each++) store.add(event(`sync.${each}`));
  await vi.advanceTimersByTimeAsync(200);
  expect(told).toHaveBeenCalledTimes(1);
  expect(store.read().events).toHaveLength(KEPT);
  expect(store.read().events.at(-1)?.kind).toBe(`sync.${KEPT + 19}`);
  vi.useRealTimers();
});

test("a filter takes kinds by name or prefix, and fields of the data", () => {
  expect(fits(event("sync.started"), { kinds: ["sync"] })).toBe(true);
  expect(fits(event("synced.started"), { kinds: ["sync"] })).toBe(false);
  expect(fits(event("sync.started", { connection_id: "7" }), { data: { connection_id: "8" } })).toBe(false);
});
