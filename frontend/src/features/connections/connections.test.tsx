import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { sampleConnection, sampleSync } from "@/features/connections/sample-connection";
import { scheduleInWords } from "@/features/connections/connection-state";
import { readPlan, writePlan } from "@/features/connections/schedule-plan";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const failing = sampleConnection({
  id: "c2",
  name: "ERP",
  status: "needs_person",
  error: "The credentials expired.",
  last_sync: sampleSync({
    id: "s2",
    connection_id: "c2",
    status: "failed",
    error: { code: "credentials_expired", message: "The credentials expired.", hint: null, retryable: false },
  }),
  open_drift: 2,
  breaking_drift: 1,
  open_approvals: 1,
});
const intent = {
  id: "i1", name: "Billing", kind: "supabase", status: "awaiting_credentials", code: "credentials_missing",
  reason: "No credentials were given.", hint: "Give a key.", attempts: 2, connection_id: null, config: {},
  resource_ids: [], credential_locator: null, scopes_mode: "read_only", namespace: "", risk_level: "low", owner: "ann",
  evidence: {}, grants: null, created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z",
}; // prettier-ignore
const funnel = {
  eligible: 3, reachable: 2, active: 1, awaiting_credentials: 1, network_blocked: 0, healing: 0, waiting: 0, error: 1,
  unsupported: 0, day_one: 1 / 3, day_one_objective: 0.9, meets_objective: false, blockers: [],
}; // prettier-ignore

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/intents", page());
  answer("get", "/aam/funnel", funnel);
});

test("each connection tells its state, its last result, and what waits there", async () => {
  answer("get", "/aam/connections", page(sampleConnection(), failing));
  open("/connections");
  const table = await screen.findByRole("table", { name: "Connections" });
  expect(await within(table).findByText("CRM")).toBeVisible();
  expect(within(table).getByRole("img", { name: /1,200 read: 40 loaded, 3 rejected, 1,157 unchanged/ })).toBeVisible();
  expect(within(table).getByText("needs a person")).toBeVisible();
  expect(within(table).getByRole("link", { name: /2 drift, 1 breaking/ })).toHaveAttribute(
    "href",
    expect.stringContaining("connection=c2"),
  );
});

test("search and state are in the address, and what fits none says so", async () => {
  answer("get", "/aam/connections", page(sampleConnection(), failing));
  const { user } = open("/connections?state=needs_person");
  expect(await screen.findByText("ERP")).toBeVisible();
  expect(screen.queryByText("CRM")).toBeNull();
  await user.type(screen.getByLabelText("Search connections"), "xyz");
  expect(await screen.findByText("No connection fits")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show all" }));
  expect(await screen.findByText("CRM")).toBeVisible();
});

test("a sync is asked for and a connection paused from the row", async () => {
  answer("get", "/aam/connections", page(sampleConnection()));
  const heard: unknown[] = [];
  answer("post", "/aoa/tasks", {}, { status: 202, heard: async (request) => heard.push(await request.json()) });
  answer("post", "/aam/connections/c1/pause", sampleConnection({ status: "paused" }), {
    heard: () => heard.push("pause"),
  });
  const { user } = open("/connections");
  await user.click(await screen.findByRole("button", { name: "Sync CRM now" }));
  expect(await screen.findByText("A sync of CRM was asked for.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "More about CRM" }));
  await user.click(await screen.findByRole("menuitem", { name: "Pause" }));
  await waitFor(() => expect(heard).toEqual([{ kind: "sync", connection_id: "c1" }, "pause"]));
});

test("nothing connected, nothing loaded yet, and nothing to be had each have a face", async () => {
  answer("get", "/aam/connections", page());
  const { client, user } = open("/connections");
  expect(await screen.findByText("No source is connected yet")).toBeVisible();
  neverAnswer("get", "/aam/connections");
  void client.resetQueries({ queryKey: ["connections"], exact: true });
  await waitFor(() => expect(screen.getByRole("table", { name: "Connections" })).toHaveAttribute("aria-busy", "true"));
  await client.cancelQueries();
  refuse("get", "/aam/connections", { status: 403, title: "Your role does not allow this" });
  void client.resetQueries({ queryKey: ["connections"], exact: true });
  expect(await screen.findByText("Your role does not allow this")).toBeVisible();
  answer("get", "/aam/connections", page(sampleConnection()));
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("CRM")).toBeVisible();
});

test("sources that wait say what stands in the way, and can be dropped", async () => {
  answer("get", "/aam/intents", page(intent));
  let dropped = false;
  answer("delete", "/aam/intents/i1", null, { heard: () => (dropped = true) });
  const { user } = open("/connections");
  const card = await screen.findByRole("region", { name: "Sources that wait to be connected" });
  expect(within(card).getByText("No credentials were given.")).toBeVisible();
  expect(await within(card).findByText(/1 of 3 deliver/)).toBeVisible();
  await user.click(within(card).getByRole("button", { name: "Forget Billing" }));
  await user.click(await screen.findByRole("button", { name: "Forget" }));
  await waitFor(() => expect(dropped).toBe(true));
});

test("who may only look gets no buttons", async () => {
  beLoggedIn({ permissions: ["connections.read"] });
  answer("get", "/aam/connections", page(sampleConnection()));
  open("/connections");
  expect(await screen.findByText("CRM")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Connect a source" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Sync CRM now" })).toBeNull();
});

test("schedules are told and written as people mean them", () => {
  expect(["900s", "3600s", "86400s", "90s", "0 6 * * 1-5 UTC", null].map(scheduleInWords)).toEqual([
    "every 15 minutes",
    "every hour",
    "every day",
    "every 90 seconds",
    "cron 0 6 * * 1-5 UTC",
    "by hand",
  ]);
  expect(writePlan(readPlan("900s"))).toBe("every 15m");
  expect(writePlan(readPlan("0 6 * * 1-5 Europe/Berlin"))).toBe("0 6 * * 1-5 Europe/Berlin");
  expect(writePlan(readPlan(null))).toBeNull();
});
