import { expect, test, vi } from "vitest";

import { effectOf } from "@/features/flow/effects";
import { detailsOf, linkOf } from "@/features/flow/event-look";
import { merged, withGaps } from "@/features/flow/event-order";
import { justBefore } from "@/features/flow/event-query";
import { headlineOf } from "@/features/flow/event-words";
import { fedBy, isApart } from "@/features/flow/feeds";
import { layoutOf } from "@/features/flow/layout";
import { pictureOf } from "@/features/flow/picture";
import { PulseStore } from "@/features/flow/pulses";
import { stageSays } from "@/features/flow/stage-says";
import { standingsOf } from "@/features/flow/standing";
import { Trail } from "@/features/flow/trail";

const AT = "2026-01-10T12:00:00Z";
const event = (id: string, kind: string, data: Record<string, unknown> = {}) => ({
  id, kind, at: AT, actor: null, traceId: null, data,
}); // prettier-ignore
const crm = {
  id: "c1", name: "CRM", kind: "files", status: "active", safe_mode: false, last_sync: null, last_success_at: AT,
}; // prettier-ignore

test("every event moves what it is about, and one without a place moves nothing", () => {
  expect(effectOf(event("1-0", "sync.started", { connection_id: "c1" }))?.lines).toEqual(["connection:c1>extract"]);
  expect(effectOf(event("1-0", "stage.failed", { stage: "unify" }))).toEqual({ tone: "bad", places: ["unify"], lines: [] });
  expect(effectOf(event("1-0", "approval.approved"))).toMatchObject({ lines: ["mapping>people"], isBack: true });
  expect(effectOf(event("1-0", "views.published", { views: { accounts: {} } }))?.lines).toEqual([
    "publish>view:accounts",
    "view:accounts>readers",
  ]);
  expect(effectOf(event("1-0", "task.started"))).toBeNull();
  expect(effectOf(event("1-0", "stage.finished", { stage: "made up" }))).toBeNull();
}); // prettier-ignore

test("a pulse is over after a moment, and of a flood only the newest move", async () => {
  vi.useFakeTimers();
  const store = new PulseStore();
  store.drawnAs((place) => (place === "connection:c9" ? "connection:more" : place));
  store.add(Array.from({ length: 80 }, (_, at) => event(`${at}-0`, "sync.started", { connection_id: "c9" })));
  expect(store.read().lines.get("connection:more>extract")).toHaveLength(24);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(store.read().lines.size).toBe(0);
  vi.useRealTimers();
});

test("a stage runs until it or its sync ends, or the organisation's state does not know it any more", () => {
  const began = event("1-0", "stage.started", { stage: "extract", sync_run_id: "s1" });
  const running = (...more: ReturnType<typeof event>[]) => standingsOf([began, ...more], undefined).get("extract")?.running;
  expect(running()).toBe(1);
  expect(running(event("2-0", "stage.finished", { stage: "extract", sync_run_id: "s1" }))).toBe(0);
  expect(running(event("2-0", "sync.failed", { sync_run_id: "s1" }))).toBe(0);
  const later = { at: "2026-01-10T12:05:00Z", running: [] } as never;
  expect(standingsOf([began], later).get("extract")?.running).toBe(0);
}); // prettier-ignore

test("events are one list in their order, with the gaps where they are", () => {
  const events = merged([event("9-1", "a"), event("10-0", "b")], [event("10-0", "b"), event("9-2", "c")]);
  expect(events.map(({ id }) => id)).toEqual(["9-1", "9-2", "10-0"]);
  const entries = withGaps(events, [{ from: "3-0", to: "9-2", reason: "not_kept" }]);
  expect(entries.map((entry) => entry.event?.id ?? "gap")).toEqual(["10-0", "9-2", "gap", "9-1"]);
  expect([justBefore("5-2"), justBefore("5-0").startsWith("4-")]).toEqual(["5-1", true]);
});

test("what an event is called, and what it says in figures", () => {
  expect(headlineOf(event("1-0", "stage.failed", { stage: "unify" }))).toBe("Unify failed");
  expect(headlineOf(event("1-0", "approval.opened"))).toBe("Repair waits for a person");
  expect(headlineOf(event("1-0", "task.canceled"))).toBe("Task given up");
  const published = event("1-0", "views.published", { snapshot_id: 9, views: { accounts: {}, contacts: {} } });
  expect(detailsOf(published)).toBe("snapshot 9 · 2 views");
  expect(detailsOf(event("1-0", "sync.stream", { stream: "a", read: 0, held: 0 }))).toBe("a · 0 read");
  const normalized = { stage: "normalize", loaded: 12, held: 200, rejected: 0 };
  expect(stageSays(event("1-0", "stage.finished", normalized))).toBe("12 loaded, 200 held");
  expect(stageSays(event("1-0", "stage.finished", { stage: "unify", rows_written: {} }))).toBe("same rows");
  expect(stageSays(event("1-0", "stage.finished", { stage: "unify" }))).toBeNull();
});

test("fifteen sources have a place each; of more the rest shares one, and what moves there moves at it", () => {
  const many = Array.from({ length: 20 }, (_, at) => ({ ...crm, id: `c${at}`, name: `s${at}` }));
  const known = { views: [], publication: null, standings: new Map(), waiting: undefined, keys: undefined };
  const small = pictureOf({ ...known, connections: many.slice(0, 15) } as never);
  expect(small.columns[0]?.places).toHaveLength(15);
  const large = pictureOf({ ...known, connections: many } as never);
  expect(large.columns[0]?.places.at(-1)?.title).toBe("6 more");
  expect(large.drawnAs("connection:c19")).toBe("connection:more");
  const { places } = layoutOf(small);
  const sources = places.slice(0, 15).map(({ box }) => box);
  for (const [at, { y }] of sources.slice(1).entries())
    expect(y).toBeGreaterThanOrEqual((sources[at]?.y ?? 0) + (sources[at]?.height ?? 0));
});

test("beside a source only its views stand out", () => {
  const feeds = fedBy([{ name: "accounts", sources: [{ connection_id: "c1" }] }] as never, (place) => place);
  expect(isApart("view:accounts", "connection:c1", feeds)).toBe(false);
  expect(isApart("view:usage", "connection:c1", feeds)).toBe(true);
  expect(isApart("extract", "connection:c1", feeds)).toBe(false);
  expect(isApart("view:usage", "mapping", feeds)).toBe(false);
});

test("the list has no holes, however many events came since", () => {
  const trail = new Trail();
  trail.with([event("1-0", "a"), event("2-0", "a")]);
  expect(trail.with([event("9-0", "a")]).map(({ id }) => id)).toEqual(["1-0", "2-0", "9-0"]);
});

test("an event leads to its thing, unless that is gone", () => {
  expect(linkOf(event("1-0", "approval.opened", { proposal_id: "p1", connection_id: "c1" }))?.to).toBe("/approvals/p1");
  expect(linkOf(event("1-0", "drift.accepted", { drift_id: "d1" }))?.to).toBe("/aam");
  expect(linkOf(event("1-0", "connection.deleted", { connection_id: "c1" }))).toBeNull();
});
