import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse, type JsonBodyType } from "msw";
import { expect, test } from "vitest";

import { FLOWS, PARTS } from "@/features/architecture/parts";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, server } from "@/test/server";

function readiness(body: JsonBodyType, status = 200) {
  server.use(http.get(`${window.location.origin}/ready`, () => HttpResponse.json(body, { status })));
}

/** A part in the picture, which the test's browser does not measure and so holds for hidden. */
function card(title: string): HTMLElement {
  const found = screen.getByText(title, { selector: "button *" }).closest("button");
  if (found === null) throw new Error(`${title} is no part`);
  return found;
}

function told() {
  const finished = { id: "9-0", kind: "stage.finished", at: "2026-01-10T12:00:00Z", actor: null, trace_id: null };
  answer("get", "/events/history", {
    items: [{ ...finished, data: { stage: "extract" } }], next_cursor: null, kept_since: null, gap: null,
  }); // prettier-ignore
}

function operated() {
  beLoggedIn({ is_operator: true });
  told();
  readiness({ ready: true, problems: {} });
  answer("get", "/debug/health", {
    dependencies: [{ name: "database", problem: null, version: "18.1", latency_ms: 2.5 }],
  });
  answer("get", "/debug/queues", {
    queues: [{ queue: "sync", state: "running", count: 3, oldest: "2026-01-10T12:00:00Z", oldest_age_s: 75 }],
    broker: 2,
    nudges: 0,
    batches: { streams: 1, pending: 0, unread: null, complete: true },
  });
  answer("get", "/debug/lag", { lag: [] });
  answer("get", "/debug/versions", {
    application: "1.0", python: "3.11", revision: null, migration: "0042", newest_migration: "0042", packages: { duckdb: "1.5.5" },
  }); // prettier-ignore
}

test("what readiness asks is in order, what nobody asks is unknown", async () => {
  beLoggedIn();
  told();
  readiness({ ready: true, problems: {} });
  open("/architecture");
  expect(await screen.findByText("ready")).toBeVisible();
  await waitFor(() => expect(card("Postgres")).toHaveTextContent("Postgres: in order"));
  expect(card("Dispatcher")).toHaveTextContent("Dispatcher: for operators");
  expect(card("Fingerprint")).toHaveTextContent("Fingerprint: not heard");
  await waitFor(() => expect(card("Extract")).toHaveTextContent("Extract: finished"));
  expect(screen.getByText(/shown to those who run it/)).toBeVisible();
});

test("a problem is told in its words, at its part", async () => {
  beLoggedIn();
  told();
  readiness({ ready: false, problems: { redis: "Valkey does not answer" } }, 503);
  const { user } = open("/architecture");
  expect(await screen.findByText("Valkey: Valkey does not answer")).toBeVisible();
  await waitFor(() => expect(card("Valkey")).toHaveTextContent("Valkey: problem"));
  await user.click(card("Valkey"));
  const drawer = await screen.findByRole("dialog", { name: "Valkey" });
  expect(within(drawer).getByText("Valkey does not answer")).toBeVisible();
  expect(within(drawer).getByText("orchestration/resources/events.py")).toBeVisible();
  await user.click(within(drawer).getByRole("button", { name: "Dispatcher" }));
  expect(await screen.findByRole("dialog", { name: "Dispatcher" })).toBeVisible();
});

test("without an answer nothing is made up", async () => {
  beLoggedIn();
  told();
  server.use(http.get(`${window.location.origin}/ready`, () => new HttpResponse("<html>", { status: 200 })));
  open("/architecture");
  expect(await screen.findByText(/Nothing could be asked just now/)).toBeVisible();
  await waitFor(() => expect(card("Postgres")).toHaveTextContent("Postgres: unknown"));
});

test("operators see queues, lag and versions, and versions at the parts", async () => {
  operated();
  open("/architecture?part=postgres");
  const drawer = await screen.findByRole("dialog", { name: "Postgres" });
  expect(await within(drawer).findByText("18.1, answered in 3 ms")).toBeVisible();
  expect(within(drawer).getByText("0042, newest 0042")).toBeVisible();
  await waitFor(() => expect(card("Workers")).toHaveTextContent("Workers: 2 waiting"));
  expect(card("Dispatcher")).toHaveTextContent("Dispatcher: keeps up");
  expect(card("Daemon")).toHaveTextContent("Daemon: in time");
  const waits = screen.getByRole("region", { name: "What waits or runs", hidden: true });
  expect(await within(waits).findByText("1 min 15 s")).toBeInTheDocument();
  expect(within(waits).getByLabelText("unknown: The server cannot tell")).toBeInTheDocument();
  expect(screen.getByText("Every view and every connection is in time.")).toBeInTheDocument();
});

test("every line joins two parts, and no two parts lie on each other", () => {
  const ids = PARTS.map(({ id }) => id);
  expect(FLOWS.flatMap(([from, to]) => [from, to]).filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(PARTS.map(({ column, row }) => `${column} ${row}`)).size).toBe(PARTS.length);
});
