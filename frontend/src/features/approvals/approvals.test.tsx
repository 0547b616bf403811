import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { outcome, policy, repair, replay, state, whole } from "@/features/approvals/sample-repair";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const OLD = repair("a1");
const NEW = repair("a2", { created_at: "2026-01-02T00:00:00Z", fields_before: ["mail"], fields_after: ["email"] });

function aQueue() {
  beLoggedIn();
  answer("get", "/aam/settings", policy, { headers: { ETag: '"s-1"' } });
  answer("get", "/aam/approvals", page(NEW, OLD));
  for (const id of ["a1", "a2"]) {
    const one = id === "a1" ? whole("a1") : whole("a2", NEW);
    answer("get", `/aam/approvals/${id}`, one as never, { headers: { ETag: `"${id}-1"` } });
  }
  answer("get", "/aam/syncs/s1", replay);
  answer("get", "/aoa/state", state);
}

beforeEach(aQueue);

test("the queue has the oldest first; j and Enter open it", async () => {
  const { user, router } = open("/approvals");
  const table = await screen.findByRole("table", { name: "Repairs to decide" });
  await within(table).findByText("mail → email");
  const rows = within(table).getAllByRole("row").slice(1);
  expect(rows.map((row) => within(row).getAllByText(/→/)[0]?.textContent)).toEqual(["phone → mobile", "mail → email"]);
  await user.keyboard("j");
  expect(rows[0]).toHaveFocus();
  await user.keyboard("j{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/approvals/a2"));
});

test("while it loads rows stand in, a refusal is told, and an empty queue says what comes here", async () => {
  neverAnswer("get", "/aam/approvals");
  const { client } = open("/approvals");
  expect(await screen.findByRole("table", { name: "Repairs to decide" })).toHaveAttribute("aria-busy", "true");
  refuse("get", "/aam/approvals", { status: 403, title: "Your role does not allow this" });
  await client.resetQueries({ queryKey: ["approvals"] });
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
  answer("get", "/aam/approvals", page());
  await client.resetQueries({ queryKey: ["approvals"] });
  expect(await screen.findByText("Nothing waits for you")).toBeVisible();
});

test("a repair shows what changed, why, and records before and after", async () => {
  open("/approvals/a1");
  expect(await screen.findByText("“phone” is called “mobile” now.")).toBeVisible();
  expect(screen.getByText(/31 of 40 records hold the same value/)).toBeVisible();
  expect(screen.getByText(/1 of 40 records would be rejected/)).toBeVisible();
  const rows = screen.getByRole("table", { name: "Sample records" });
  expect(within(rows).getByText("empty").closest("del")).not.toBeNull();
  expect(await screen.findByText(/asked from 60 %, applied alone from 85 %/)).toBeVisible();
});

test("a and Enter approve what was seen, the next one opens and the replay is followed", async () => {
  let sent: unknown;
  answer("post", "/aam/approvals/a1/approve", outcome, {
    status: 202,
    heard: async (request) => {
      sent = [request.headers.get("If-Match"), await request.json()];
      answer("get", "/aam/approvals", page(NEW));
    },
  });
  const { user, router } = open("/approvals/a1");
  await screen.findByText("1 of 2 waiting");
  await user.keyboard("a");
  await within(await screen.findByRole("dialog")).findByText(/12 held records are replayed/);
  await user.keyboard("sure{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/approvals/a2"));
  expect(sent).toEqual(['"a1-1"', { note: "sure" }]);
  const followed = await screen.findByRole("region", { name: "Replay" });
  expect(await within(followed).findByText("published")).toBeVisible();
  expect(await screen.findByText("1 of 1 waiting")).toBeVisible();
});

test("who was too late is told, and sees what somebody else decided", async () => {
  refuse("post", "/aam/approvals/a1/reject", {
    type: "/problems/precondition-failed",
    status: 412,
    title: "It was changed since you read it",
  });
  const { user } = open("/approvals/a1");
  await screen.findByText("1 of 2 waiting");
  await user.keyboard("r");
  await screen.findByRole("dialog");
  answer(
    "get",
    "/aam/approvals/a1",
    whole("a1", { status: "approved", decided_by: "bob", decided_at: OLD.created_at, applied_version: 4 }) as never,
  );
  await user.keyboard("{Enter}");
  expect(await screen.findByText(/It changed while you decided/)).toBeVisible();
  expect(await screen.findByRole("button", { name: "Undo" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Approve" })).toBeNull();
});

test("another candidate can be chosen", async () => {
  let sent: unknown;
  answer("post", "/aam/approvals/a1/choose", { ...outcome, sync_run_id: null }, {
    heard: async (request) => (sent = await request.json()),
  }); // prettier-ignore
  const { user } = open("/approvals/a1");
  await user.click(await screen.findByRole("button", { name: "Choose fax -> phone" }));
  await user.click(await screen.findByRole("button", { name: "Choose" }));
  await waitFor(() => expect(sent).toEqual({ note: null, candidate: 2 }));
});

test("two persons: who has approved is shown", async () => {
  const votes = [{ by: "bob@acme.example", verdict: "approve", at: OLD.created_at }];
  answer("get", "/aam/approvals/a1", whole("a1", { needs_two: true, votes }) as never);
  open("/approvals/a1");
  const shown = await screen.findByRole("region", { name: "Votes" });
  expect(shown).toHaveTextContent("bob@acme.example approved");
  expect(shown).toHaveTextContent("Another person is needed");
});

test("who may only read decides nothing", async () => {
  beLoggedIn({ permissions: ["drift.read", "settings.read"] });
  aQueueForReaders();
  const { user } = open("/approvals/a1");
  expect(await screen.findByText(/Your role may look at repairs/)).toBeVisible();
  await user.keyboard("a");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(screen.queryByRole("button", { name: /Approve|Choose/ })).toBeNull();
});

function aQueueForReaders() {
  answer("get", "/aam/approvals", page(NEW, OLD));
  answer("get", "/aam/approvals/a1", whole("a1") as never);
}
