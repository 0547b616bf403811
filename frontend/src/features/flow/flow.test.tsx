import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { effectOf } from "@/features/flow/effects";
import { linkOf } from "@/features/flow/event-look";
import { merged, withGaps } from "@/features/flow/event-order";
import { justBefore } from "@/features/flow/event-query";
import { PulseStore } from "@/features/flow/pulses";
import { standingsOf } from "@/features/flow/standing";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, refuse, server } from "@/test/server";

const AT = "2026-01-10T12:00:00Z";
const event = (id: string, kind: string, data: Record<string, unknown> = {}) => ({
  id, kind, at: AT, actor: null, traceId: null, data,
}); // prettier-ignore
const told = (id: string, kind: string, data: Record<string, unknown> = {}) => ({
  id, kind, at: AT, actor: "ann", trace_id: "trace-9", data,
}); // prettier-ignore
const crm = {
  id: "c1", name: "CRM", kind: "files", status: "active", safe_mode: false, last_sync: null, last_success_at: AT,
  open_drift: 0, breaking_drift: 0,
}; // prettier-ignore
const history = [
  told("9-0", "views.published", { snapshot_id: 4, views: { accounts: {} } }),
  told("8-0", "stage.finished", { stage: "extract", connection_id: "c1", sync_run_id: "s1", read: 1200, seconds: 1.5 }),
  told("7-0", "sync.started", { connection_id: "c1", sync_run_id: "s1" }),
];

function filled() {
  beLoggedIn();
  answer("get", "/aam/connections", { items: [crm], next_cursor: null } as never);
  answer("get", "/dcl/views", { items: [{ name: "accounts", rows: 12, sources: [] }] } as never);
  answer("get", "/events/kinds", [{ kind: "sync.started", description: "A sync runs.", fields: [] }]);
  answer("get", "/events/history", { items: history, next_cursor: null, kept_since: null, gap: null } as never);
}

/** A stream whose events are sent when the test wants it. */
function streamed() {
  let send: (text: string) => void = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      send = (text) => controller.enqueue(new TextEncoder().encode(text));
    },
  });
  server.use(
    http.get(
      `${window.location.origin}/api/v1/events/stream`,
      () => new HttpResponse(body, { headers: { "Content-Type": "text/event-stream" } }),
    ),
  );
  return (each: object & { id: string }) => send(`id: ${each.id}\ndata: ${JSON.stringify(each)}\n\n`);
}

test("places, and the events of before with what their data says", async () => {
  filled();
  open("/flow");
  const log = await screen.findByRole("group", { name: "Events, the newest first" });
  expect(within(log).getAllByRole("button")[0]).toHaveTextContent("views.published");
  expect(await within(log).findByText("CRM · extract · 1,200 read · 1.5 s")).toBeVisible();
  const picture = await screen.findByRole("group", { name: /From sources to consumers/ });
  expect(await within(picture).findByText("12 rows")).toBeInTheDocument();
  expect(within(picture).getByText("CRM").closest("a")).toHaveAttribute("href", "/connections/c1");
});

test("an event opens with its trace and a way to the thing; the address holds it", async () => {
  filled();
  const { user, router } = open("/flow");
  await user.click(await screen.findByRole("button", { name: /sync.started/ }));
  const drawer = await screen.findByRole("dialog");
  expect(within(drawer).getByText("trace-9")).toBeVisible();
  expect(within(drawer).getByText("A sync runs.")).toBeVisible();
  expect(within(drawer).getByRole("link", { name: "Open the sync" })).toHaveAttribute(
    "href",
    "/connections/c1?tab=runs&run=s1",
  );
  expect(router.state.location.search).toEqual({ event: "7-0" });
});

test("while it is paused what comes is held, and shown afterwards", async () => {
  filled();
  const send = streamed();
  const { user } = open("/flow");
  await screen.findByRole("button", { name: /sync.started/ });
  await user.click(screen.getByRole("button", { name: "Pause" }));
  send(told("10-0", "drift.seen", { connection_id: "c1", changes: [1, 2] }));
  const goOn = await screen.findByRole("button", { name: "Go on, 1 held" });
  expect(screen.queryByRole("button", { name: /drift.seen/ })).toBeNull();
  await user.click(goOn);
  expect(await screen.findByRole("button", { name: /drift.seen/ })).toHaveTextContent("2 changes");
});

test("the filter stands in the address, and can be taken back where nothing fits", async () => {
  filled();
  const { user } = open("/flow?kind=approval");
  await user.click(await screen.findByRole("button", { name: "Show all" }));
  expect(await screen.findByRole("button", { name: /sync.started/ })).toBeVisible();
});

test("events that cannot be had are told, nothing connected is no empty picture", async () => {
  filled();
  answer("get", "/aam/connections", { items: [], next_cursor: null });
  refuse("get", "/events/history", { status: 403, title: "Not yours" });
  open("/flow");
  expect(await screen.findByText("Nothing flows yet")).toBeVisible();
  expect(await screen.findByRole("alert")).toHaveTextContent("Not yours");
});

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

test("an event leads to its thing, unless that is gone", () => {
  expect(linkOf(event("1-0", "approval.opened", { proposal_id: "p1", connection_id: "c1" }))?.to).toBe("/approvals/p1");
  expect(linkOf(event("1-0", "drift.accepted", { drift_id: "d1" }))?.to).toBe("/aam");
  expect(linkOf(event("1-0", "connection.deleted", { connection_id: "c1" }))).toBeNull();
});
