import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const AT = "2026-01-10T12:00:00Z";
const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const counts = { read: 0, loaded: 0, rejected: 0, unchanged: 0, deleted: 0, held: 0, replayed: 0, rederived: 0 };
const sync = {
  id: "s1", connection_id: "c1", kind: "sync", status: "queued", requested_by: "ann@acme.example", requested_at: AT,
  queued_at: AT, started_at: null, finished_at: null, duration_s: null, is_sample: false, counts, balances: null, error: null,
}; // prettier-ignore
const task = {
  id: "t1", kind: "sync", connection_id: "c1", status: "running", requested_by: "ann@acme.example", trace_id: null,
  requested_at: AT, started_at: AT, finished_at: null, parent_task_id: null, retry_of: null, chain: [], has_callback: false,
  error: null,
}; // prettier-ignore
const event = {
  seq: 17, at: AT, actor: "ann@acme.example", action: "connection.paused", subject: "connection:c1", data: { name: "CRM" },
  previous_hash: "0".repeat(64), hash: "f".repeat(64),
}; // prettier-ignore

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/connections", page({ id: "c1", name: "CRM", status: "active" }));
  answer("get", "/admin/audit/verify", {
    ok: true,
    length: 17,
    head: "f",
    heads_compared: 2,
    broken_at: null,
    problem: null,
  });
});

test("a sync that waits is told and can be canceled; it leads to its run", async () => {
  answer("get", "/aam/syncs", page(sync));
  let canceled = false;
  answer(
    "post",
    "/aam/syncs/s1/cancel",
    { ...sync, status: "canceled", streams: {} },
    { heard: () => (canceled = true) },
  );
  const { user } = open("/activity");
  const table = await screen.findByRole("table", { name: "Syncs" });
  expect(await within(table).findByRole("link", { name: "CRM" })).toHaveAttribute(
    "href",
    expect.stringContaining("run=s1"),
  );
  await user.click(within(table).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(canceled).toBe(true));
});

test("syncs are filtered by the API, and each state has a face", async () => {
  let asked: string | null = null;
  neverAnswer("get", "/aam/syncs");
  const { client, user } = open("/activity?sync=failed");
  expect(await screen.findByRole("table", { name: "Syncs" })).toHaveAttribute("aria-busy", "true");
  await client.cancelQueries();
  refuse("get", "/aam/syncs", { status: 403, title: "Your role does not allow this" });
  void client.resetQueries({ queryKey: ["syncs"] });
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
  answer("get", "/aam/syncs", page(), {
    heard: (request) => (asked = new URL(request.url).searchParams.get("status")),
  });
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No sync stands there")).toBeVisible();
  expect(asked).toBe("failed");
});

test("a task tells how far it is, and is canceled or done once more", async () => {
  const failed = {
    ...task,
    id: "t2",
    status: "failed",
    error: { code: "x", message: "The source is away.", hint: null },
  };
  const progress = { runs: 2, runs_done: 1, streams: 3, streams_done: null, rebuild: null, ...counts };
  answer("get", "/aoa/tasks", page(task, failed));
  answer("get", "/aoa/tasks/t1", { ...task, progress, runs: [], follow_up_id: null, callback_url: null } as never);
  answer(
    "get",
    "/aoa/tasks/t1/logs",
    page({ at: AT, source: "task", seq: 1, level: "info", code: "started", message: "It runs." }),
  );
  const done: string[] = [];
  answer(
    "post",
    "/aoa/tasks/t1/cancel",
    { ...task, status: "canceling" },
    { status: 202, heard: () => done.push("cancel") },
  );
  answer("post", "/aoa/tasks/t2/retry", { ...task, id: "t3" }, { status: 202, heard: () => done.push("retry") });
  const { user } = open("/activity?tab=tasks");
  await user.click(await screen.findByRole("button", { name: "Once more" }));
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(done).toEqual(["retry", "cancel"]));
  await user.click(within(screen.getByRole("table", { name: "Tasks" })).getAllByText("running")[0]!);
  const drawer = await screen.findByRole("dialog");
  expect(await within(drawer).findByText(/1 of 2 runs done/)).toBeVisible();
  expect(await within(drawer).findByText("It runs.")).toBeVisible();
});

test("the history is filtered, goes on behind its cursor, and says that it is whole", async () => {
  const asked: string[] = [];
  answer("get", "/admin/audit", { items: [event], next_cursor: "next" } as never, {
    heard: (request) => asked.push(new URL(request.url).search),
  });
  const { user } = open("/activity?tab=history&subject=connection:c1");
  expect(await screen.findByText("connection.paused")).toBeVisible();
  expect(await screen.findByText("17 events, each chained to the one before")).toBeVisible();
  expect(asked[0]).toContain("subject=connection%3Ac1");
  const subject = "user:b0000000-0000-4000-8000-000000000001";
  answer("get", "/auth/members", page({ user_id: subject.slice(5), email: "bob@acme.example" }));
  answer("get", "/admin/audit", page({ ...event, seq: 16, action: "connection.created", subject, data: {} }), {
    heard: (request) => asked.push(new URL(request.url).search),
  });
  await user.click(screen.getByRole("button", { name: "Load more" }));
  expect(await screen.findByText("connection.created")).toBeVisible();
  expect(screen.getByRole("link", { name: "CRM" })).toHaveAttribute("href", "/connections/c1");
  expect(await screen.findByText("bob@acme.example")).toBeVisible();
  expect(asked.at(-1)).toContain("cursor=next");
});

test("a broken history is told in the words of the check", async () => {
  answer("get", "/admin/audit", page());
  answer("get", "/admin/audit/verify", {
    ok: false, length: null, head: null, heads_compared: 1, broken_at: 12, problem: "The audit history was changed at event 12.",
  }); // prettier-ignore
  open("/activity?tab=history");
  expect(await screen.findByText("not as it was written")).toBeVisible();
  expect(screen.getByText("The audit history was changed at event 12.")).toBeVisible();
});

test("tabs follow what the role may see", async () => {
  beLoggedIn({ permissions: ["audit.read"] });
  answer("get", "/admin/audit", page());
  open("/activity");
  expect(await screen.findByText("Nothing was done yet")).toBeVisible();
  expect(screen.queryByRole("tab", { name: "Syncs" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Run" })).toBeNull();
});
