import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { breaking, streamed } from "@/features/flow/told-by-tests";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const AT = "2026-01-10T12:00:00Z";
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
  answer("get", "/auth/api-keys", { items: [], next_cursor: null });
  answer("get", "/events/kinds", [{ kind: "sync.started", description: "A sync runs.", fields: [] }]);
  answer("get", "/events/history", { items: history, next_cursor: null, kept_since: null, gap: null } as never);
}

test("places, and the events of before with what their data says", async () => {
  filled();
  open("/flow");
  const log = await screen.findByRole("group", { name: "Events, the newest first" });
  expect(within(log).getAllByRole("button")[0]).toHaveTextContent("Views published");
  expect(await within(log).findByText("1,200 read · 1.5 s")).toBeVisible();
  const picture = await screen.findByRole("group", { name: /From sources to consumers/ });
  expect(await within(picture).findByText("12 rows")).toBeInTheDocument();
  expect(within(picture).getByText("1,200 read")).toBeInTheDocument();
  expect(within(picture).getByText("CRM").closest("a")).toHaveAttribute("href", "/connections/c1");
});

test("an event opens with its trace and a way to the thing; the address holds it", async () => {
  filled();
  const { user, router } = open("/flow");
  await user.click(await screen.findByRole("button", { name: /Sync started/ }));
  const drawer = await screen.findByRole("dialog");
  expect(within(drawer).getByText("trace-9")).toBeVisible();
  expect(within(drawer).getByText("A sync runs.")).toBeVisible();
  expect(within(drawer).getByRole("link", { name: "Open the sync" })).toHaveAttribute(
    "href",
    "/connections/c1?tab=runs&run=s1",
  );
  expect(router.state.location.search).toEqual({ event: "7-0" });
});

test("a stage opens with what was told of it last, and its events open from there", async () => {
  filled();
  const { user, router } = open("/flow?stage=extract");
  const drawer = await screen.findByRole("dialog", { name: "Extract" });
  expect(within(drawer).getByText("Reads what changed at a source.")).toBeVisible();
  await user.click(await within(drawer).findByRole("button", { name: /Extract finished/ }));
  expect(router.state.location.search).toEqual({ stage: "extract", event: "8-0" });
});

test("older events come on demand", async () => {
  filled();
  answer("get", "/events/history", { items: history, next_cursor: "further", kept_since: null, gap: null } as never);
  const { user } = open("/flow");
  await screen.findByRole("button", { name: /Sync started/ });
  const older = [told("2-0", "drift.seen", { connection_id: "c1", changes: [1] })];
  answer("get", "/events/history", { items: older, next_cursor: null, kept_since: null, gap: null } as never);
  await user.click(screen.getByRole("button", { name: "Load more" }));
  expect(await screen.findByRole("button", { name: /Drift seen/ })).toHaveTextContent("1 change");
  expect(await screen.findByText("Nothing older is kept.")).toBeVisible();
});

test("a broken connection is told, and how much was caught up with", async () => {
  filled();
  const { break: breakOff, send } = breaking();
  open("/flow");
  await screen.findByRole("button", { name: /Sync started/ });
  breakOff();
  expect(await screen.findByText(/The connection broke/)).toBeVisible();
  send([told("11-0", "drift.seen", { connection_id: "c1" }), told("12-0", "views.published", { snapshot_id: 5 })]);
  expect(await screen.findByText("Back, and caught up with 2 events.", {}, { timeout: 15_000 })).toBeVisible();
});

test("while it loads the picture and the list have their places; what failed can be tried again", async () => {
  filled();
  neverAnswer("get", "/events/history");
  refuse("get", "/dcl/views", { status: 403, title: "Not yours" });
  const { user } = open("/flow");
  expect(await screen.findByRole("alert")).toHaveTextContent("Not yours");
  expect(document.querySelector("[data-state=loading]")).not.toBeNull();
  answer("get", "/dcl/views", { items: [{ name: "accounts", rows: 12, sources: [] }] } as never);
  await user.click(screen.getByRole("button", { name: /again/i }));
  expect(await screen.findByText("12 rows")).toBeInTheDocument();
});

test("while it is paused what comes is held, and shown afterwards", async () => {
  filled();
  const send = streamed();
  const { user } = open("/flow");
  await screen.findByRole("button", { name: /Sync started/ });
  await user.click(screen.getByRole("button", { name: "Pause" }));
  send(told("10-0", "drift.seen", { connection_id: "c1", changes: [1, 2] }));
  const goOn = await screen.findByRole("button", { name: "Go on, 1 held" });
  expect(screen.queryByRole("button", { name: /Drift seen/ })).toBeNull();
  await user.click(goOn);
  expect(await screen.findByRole("button", { name: /Drift seen/ })).toHaveTextContent("2 changes");
});

test("the filter stands in the address, and can be taken back where nothing fits", async () => {
  filled();
  const { user } = open("/flow?kind=approval");
  await user.click(await screen.findByRole("button", { name: "Show all" }));
  expect(await screen.findByRole("button", { name: /Sync started/ })).toBeVisible();
});

test("events that cannot be had are told, nothing connected is no empty picture", async () => {
  filled();
  answer("get", "/aam/connections", { items: [], next_cursor: null });
  refuse("get", "/events/history", { status: 403, title: "Not yours" });
  open("/flow");
  expect(await screen.findByText("Nothing flows yet")).toBeVisible();
  expect(await screen.findByRole("alert")).toHaveTextContent("Not yours");
});
