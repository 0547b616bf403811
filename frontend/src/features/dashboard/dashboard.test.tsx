import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { Connection, Schemas } from "@/api/types";
import { freshnessOf } from "@/features/dashboard/freshness";
import { endOf, loadsOf, stepsOf, totalOf } from "@/features/dashboard/loads";
import { syncsOfSpan, syncsOfStep } from "@/features/dashboard/syncs-link";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const NOW = Date.now();
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const counts = { deleted: 0, held: 2, loaded: 90, read: 100, rederived: 0, rejected: 5, replayed: 0, unchanged: 5 };
const sync: Schemas["SyncOut"] = {
  id: "s1", connection_id: "c1", kind: "sync", status: "succeeded", balances: true, counts, duration_s: 3, error: null,
  finished_at: ago(1), is_sample: false, queued_at: null, requested_at: ago(2), requested_by: "schedule", started_at: ago(2),
}; // prettier-ignore
const crm: Connection = {
  id: "c1", name: "CRM", kind: "salesforce", status: "active", schedule: "every 15m", breaking_drift: 1, open_drift: 3,
  open_approvals: 0, config: {}, created_at: ago(900), credential_locator: null, error: null, failures_in_a_row: 0,
  last_success_at: ago(5), last_sync: sync, namespace: "", next_due_at: ago(-10), owner: "", risk_level: "low",
  safe_mode: false, safe_mode_lifted_at: null, safe_mode_lifted_by: null, scopes_mode: "read_only", updated_at: ago(900),
}; // prettier-ignore
const accounts: Schemas["ViewOut"] = {
  name: "accounts", entity: "account", columns: [], custom: false, joined: 40, rows: 1200, snapshot_id: 7,
  newest_source_change: ago(9), published_at: ago(4), sources: [{ connection: "CRM", connection_id: "c1", records: 1240 }],
}; // prettier-ignore
const state: Schemas["TenantStateOut"] = {
  at: ago(0), connections: [], connections_total: 1, rebuilding: false, running: [], stale_since: null, tasks: [],
  publication: { snapshot_id: 7, published_at: ago(4), rows: { accounts: 1200 } },
}; // prettier-ignore

function filled(change: { connection?: Partial<Connection>; state?: Partial<typeof state> } = {}) {
  beLoggedIn();
  answer("get", "/aam/connections", { items: [{ ...crm, ...change.connection }], next_cursor: null } as never);
  answer("get", "/dcl/views", { items: [accounts] } as never);
  answer("get", "/aam/syncs", { items: [sync], next_cursor: null } as never);
  answer("get", "/aoa/state", { ...state, ...change.state } as never);
}

test("figures come from the API, and each leads to its rows", async () => {
  filled();
  open("/");
  const drift = await screen.findByRole("link", { name: /Open drift\s*3/ });
  expect(drift).toHaveAttribute("href", "/aam?tab=drift&status=open");
  expect(drift).toHaveTextContent("1 breaking");
  expect(await screen.findByRole("link", { name: /Late views\s*0/ })).toHaveAttribute("href", "/views");
  expect(screen.getByRole("link", { name: /Joined entities\s*40/ })).toHaveTextContent("of 1,200 rows");
  expect(await screen.findByRole("link", { name: /Loaded in 24 h\s*90/ })).toHaveTextContent("3 rejected, 2 held");
  expect(screen.getByText("Nothing needs you")).toBeVisible();
  expect(screen.getByText("Nothing runs")).toBeVisible();
});

test("loaded records lead to the syncs that are counted, all of them and bar by bar", async () => {
  filled();
  const { user, router } = open("/");
  const { to, search } = syncsOfSpan("24h", Date.now());
  const all = `${to}?${new URLSearchParams(search).toString()}`;
  expect(await screen.findByRole("link", { name: /Loaded in 24 h\s*90/ })).toHaveAttribute("href", all);
  expect(await screen.findByRole("link", { name: "1 sync ended" })).toHaveAttribute("href", all);
  const bars = await screen.findByRole("list", { name: "Records over time" });
  const bar = within(bars).getByRole("link", { name: /90 loaded, 3 rejected, 2 held in 1 sync$/ });
  bar.focus();
  await user.keyboard("{Enter}");
  const asked = router.state.location;
  expect(asked.pathname).toBe("/activity");
  expect(asked.search).toEqual(syncsOfStep("24h", stepsOf("24h", Date.parse(ago(1))).at(-1)!).search);
});

test("records that did not fit are told by connection, and lead to them", async () => {
  filled();
  const { user } = open("/");
  await user.click(await screen.findByRole("button", { name: "3 rejected, 2 held" }));
  const whose = await screen.findByRole("dialog", { name: "3 rejected, 2 held" });
  expect(await within(whose).findByRole("link", { name: "CRM" })).toHaveAttribute(
    "href",
    "/connections/c1?tab=rejects",
  );
});

test("a connection that cannot go on holds its views up, and says why and where", async () => {
  filled({ connection: { status: "needs_person", error: "The login was refused." } });
  open("/");
  const needs = await screen.findByRole("group", { name: "What needs a person" });
  expect(await within(needs).findByText(/The login was refused/)).toBeVisible();
  expect(within(needs).getByRole("link")).toHaveAttribute("href", "/connections/c1");
  expect(await screen.findByText("held up")).toBeVisible();
});

test("what runs is shown with its connection", async () => {
  filled({ state: { running: [{ id: "s2", connection_id: "c1", kind: "sync", requested_at: ago(1), requested_by: null, started_at: ago(1), status: "running" }] } }); // prettier-ignore
  open("/");
  const runs = await screen.findByRole("group", { name: "What runs now" });
  expect(await within(runs).findByText("CRM")).toBeVisible();
  expect(within(runs).getByText("running")).toBeVisible();
});

test("an organisation without connections is shown the three steps", async () => {
  beLoggedIn();
  open("/");
  expect(await screen.findByRole("link", { name: "Connect a source" })).toHaveAttribute("href", "/connections/new");
  expect(screen.getByText("./autonomos demo")).toBeVisible();
});

test("who may not connect is told who may", async () => {
  beLoggedIn({ permissions: ["views.read", "connections.read", "tasks.read", "drift.read"] });
  open("/");
  expect(await screen.findByText("An owner or admin can do this.")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Connect a source" })).toBeNull();
});

test("a figure that is loaded has a stand-in, one that could not be is unknown and not nought", async () => {
  filled();
  neverAnswer("get", "/aam/syncs");
  refuse("get", "/aam/connections", { status: 403, title: "Not yours" });
  open("/");
  const drift = await screen.findByRole("link", { name: /Open drift/ });
  expect(await within(drift).findByLabelText("unknown: It could not be loaded")).toBeVisible();
  expect(screen.getByRole("link", { name: "Loaded in 24 h" })).toBeVisible();
  expect((await screen.findAllByRole("alert"))[0]).toHaveTextContent("Not yours");
});

test("freshness is weighed against the schedule of the sources", () => {
  const word = (change: Partial<Connection>, stale: string | null = null) =>
    freshnessOf(accounts, [{ ...crm, ...change }], stale, NOW).word;
  expect(word({})).toBe("on schedule");
  expect(word({ next_due_at: ago(5) })).toBe("overdue");
  expect(word({ last_sync: { ...sync, status: "running" } })).toBe("updating");
  expect(word({}, ago(1))).toBe("behind");
  expect(word({ schedule: null, next_due_at: null })).toBe("by hand");
  expect(word({ status: "paused", next_due_at: null })).toBe("paused");
  expect(freshnessOf(accounts, [], null, NOW).word).toBe("no source");
  expect(freshnessOf({ ...accounts, published_at: null }, [crm], null, NOW).word).toBe("not published");
});

test("records are counted where their sync ended; held ones are no rejects, replays are not counted twice", () => {
  const loads = loadsOf([sync, { ...sync, kind: "replay" }, { ...sync, finished_at: null }], "24h", NOW);
  expect(totalOf(loads)).toEqual({ loaded: 90, rejected: 3, held: 2, syncs: 1 });
  const days = stepsOf("7d", NOW);
  expect(days.slice(0, -1).map((at) => endOf("7d", at))).toEqual(days.slice(1));
});
