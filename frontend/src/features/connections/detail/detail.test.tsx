import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { FILES_KIND, sampleConnection, sampleSync } from "@/features/connections/sample-connection";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const AT = "2026-01-10T12:00:00Z";
const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const health = {
  status: "active", error: null, circuit: "open", circuit_open_until: "2099-01-01T00:00:00Z", failures_in_a_row: 4,
  safe_mode: false, last_success_at: AT, freshness_s: 12, next_due_at: null, overdue_s: null, syncing: null,
  last_errors: [], open_drift: 0, breaking_drift: 0, open_approvals: 0,
}; // prettier-ignore
const shape = {
  id: "f2", connection_id: "c1", stream: "accounts", digest: "abcdef0123456789", is_baseline: false, decided_by: null,
  decided_at: null, first_seen_at: AT, last_seen_at: AT, sync_run_id: "s1", fields: 3,
}; // prettier-ignore
const version = {
  connection_id: "c1", connection: "CRM", stream: "accounts", version: 2, entity: "account", is_in_force: true,
  reason: "A field was renamed", decided_by: "policy", decided_at: AT, diff: ["- phone -> phone", "+ mobile -> phone"],
  rules: [{ line: "mobile -> phone", source: "mobile", target: "phone", transform: { kind: "cast", args: {} },
    probability: 0.91, decided_by: "policy", evidence: ["3 of 4 values are equal"], since: 0, until: null }],
}; // prettier-ignore

const VIEW = { name: "accounts", sources: [{ connection_id: "c1", connection: "CRM", records: 40 }] };

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/connections/c1", sampleConnection(), { headers: { ETag: '"c-1"' } });
  answer("get", "/aam/connections/c1/health", health as never);
  answer("get", "/aam/kinds", [FILES_KIND]);
  answer("get", "/aam/files", page());
  answer("get", "/dcl/views", { items: [VIEW] } as never);
});

test("the overview tells health as it is known, and the key s syncs", async () => {
  let wish: unknown = null;
  answer("post", "/aoa/tasks", {}, { status: 202, heard: async (request) => (wish = await request.json()) });
  const { user } = open("/connections/c1");
  const card = await screen.findByRole("region", { name: "Health" });
  expect(within(card).getByText("open")).toBeVisible();
  expect(within(card).getByText("4")).toBeVisible();
  expect(await within(card).findByRole("link", { name: "accounts (40)" })).toHaveAttribute("href", "/views/accounts");
  expect(screen.getByText("No sync of it has failed.")).toBeVisible();
  await user.keyboard("s");
  await waitFor(() => expect(wish).toEqual({ kind: "sync", connection_id: "c1" }));
});

test("a connection on its way has its place", async () => {
  neverAnswer("get", "/aam/connections/c1");
  open("/connections/c1");
  expect(await screen.findByRole("heading", { name: "Connection" })).toBeVisible();
  expect(document.querySelector("[data-state=loading]")).not.toBeNull();
});

test("a connection that is not there says so", async () => {
  refuse("get", "/aam/connections/c1", {
    type: "/problems/not-found",
    status: 404,
    title: "There is no such thing here",
  });
  open("/connections/c1");
  expect(await screen.findByText("There is no such thing here")).toBeVisible();
});

test("a run opens by its address, with streams that balance and its notes", async () => {
  answer("get", "/aam/connections/c1/syncs", page(sampleSync()));
  answer("get", "/aam/syncs/s1", sampleSync());
  answer(
    "get",
    "/aam/syncs/s1/notes",
    page({ seq: 1, at: AT, stream: "accounts", level: "info", code: "stream_read", message: "1,200 records read" }),
  );
  open("/connections/c1?tab=runs&run=s1");
  const drawer = await screen.findByRole("dialog");
  expect(await within(drawer).findByText("even")).toBeVisible();
  expect(await within(drawer).findByText(/1,200 records read/)).toBeVisible();
});

test("what waits can be canceled; what runs says where it is stopped", async () => {
  answer("get", "/aam/connections/c1/syncs", page());
  answer("get", "/aam/syncs/s1/notes", page());
  answer(
    "get",
    "/aam/syncs/s1",
    sampleSync({ status: "queued", started_at: null, finished_at: null, duration_s: null, streams: {} }),
  );
  let canceled = false;
  answer("post", "/aam/syncs/s1/cancel", sampleSync({ status: "canceled" }), { heard: () => (canceled = true) });
  const { user } = open("/connections/c1?tab=runs&run=s1");
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(canceled).toBe(true));
});

test("a shape is compared with the one before it", async () => {
  const older = {
    ...shape,
    id: "f1",
    digest: "1111",
    is_baseline: true,
    decided_by: "ann",
    first_seen_at: "2026-01-01T00:00:00Z",
  };
  answer("get", "/aam/fingerprints", page(shape, older));
  answer("get", "/aam/fingerprints/f2", {
    ...shape,
    primary_key: ["id"],
    mode: "snapshot",
    rows: null,
    shape: [],
  } as never);
  answer("get", "/aam/fingerprints/f2/diff", {
    fingerprint_id: "f2", against_id: "f1",
    changes: [{ kind: "added", field: "mobile", severity: "info", before: null, after: { name: "mobile", type: "text", nullable: true } }],
  } as never); // prettier-ignore
  open("/connections/c1?tab=schema&shape=f2");
  expect(await screen.findByText("Added: mobile")).toBeVisible();
  expect(screen.getByText("absent → mobile, text, may be empty")).toBeVisible();
});

test("rejected records tell field, value and reason", async () => {
  const reject = {
    stream: "accounts", entity: "account", stage: "normalize", record_id: "a7", origin: "accounts.csv", line: 8,
    errors: [{ field: "annual_revenue", source: "revenue", value: "12x", reason: "is no number" }],
    raw: '{"revenue": "12x"}', raw_cut: false, rejected_at: AT,
  }; // prettier-ignore
  answer("get", "/aam/connections/c1/rejects", { items: [reject], next_cursor: null, snapshot_id: 3 } as never);
  answer("get", "/aam/connections/c1/rejects/summary", {
    snapshot_id: 3, rejected: 1, reasons: [{ stream: "accounts", reason: "annual_revenue: is no number", records: 1 }],
  }); // prettier-ignore
  const { user } = open("/connections/c1?tab=rejects");
  await user.click(await screen.findByText("is no number"));
  const drawer = await screen.findByRole("dialog");
  expect(within(drawer).getByText("accounts.csv, line 8")).toBeVisible();
});

test("an earlier version of a mapping is put in force again, with a note", async () => {
  const first = { ...version, version: 1, is_in_force: false, diff: [], reason: "The first sync" };
  answer("get", "/aam/mappings", page(version));
  answer("get", "/aam/mappings/c1/accounts/versions", page(version, first));
  let sent: unknown = null;
  answer("post", "/aam/mappings/c1/accounts/rollback",
    { proposal_id: null, status: "rolled_back", mapping_version: 3, sync_run_id: null, told: "Version 3 is in force." },
    { status: 202, heard: async (request) => (sent = await request.json()) },
  ); // prettier-ignore
  const { user } = open("/connections/c1?tab=mappings&mapping=accounts");
  const drawer = await screen.findByRole("dialog");
  await user.click(await within(drawer).findByText("Version 1"));
  await user.click(await within(drawer).findByRole("button", { name: "Put version 1 in force again" }));
  await user.type(await screen.findByLabelText("Why"), "wrong field");
  await user.click(screen.getByRole("button", { name: "Put in force" }));
  await waitFor(() => expect(sent).toEqual({ version: 1, note: "wrong field" }));
});
