import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { drift, metrics, month, NOW, standing, totals, wholeDrift } from "@/features/aam/sample-drift";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/metrics", metrics());
  answer("get", "/aam/drift", page());
});

test("what no data tells is unknown, and empty parts say what comes there", async () => {
  open("/aam");
  expect(await screen.findByText("No source changed in this span")).toBeVisible();
  expect(screen.getAllByLabelText("unknown: No repair was proposed in this span")).toHaveLength(3);
  expect(screen.getAllByLabelText("unknown: No repair of this span is in force")).toHaveLength(2);
  expect(screen.getByText("Nobody decided on a repair in this span")).toBeVisible();
  expect(screen.getByText(/4 confirmed by people/)).toBeVisible();
});

test("figures lead to their rows, and few decisions are told as few", async () => {
  const bucket = {
    low: 0.7, high: 0.8, mean_predicted: 0.74, approved: 3, changed: 1, rejected: 0, taken_back: 0, unknown: 0,
    approved_share: 0.75,
  }; // prettier-ignore
  answer("get", "/aam/metrics", metrics({
    totals: { ...totals, proposed: 4, asked: 3, asked_share: 0.75, applied_by_policy: 1, repaired: 4, repair_p50_s: 75, repair_p95_s: 200 },
    detections: [{ kind: "renamed", severity: "breaking", count: 5, open: 2 }],
    outcomes: [{ starts_at: NOW, status: "applied", count: 1 }],
    calibration: [bucket],
  })); // prettier-ignore
  answer("get", "/aam/drift", page(drift));
  const { user } = open("/aam");
  expect(await screen.findByRole("link", { name: /Drift seen 5 2 open now/ })).toHaveAttribute(
    "href",
    expect.stringContaining("tab=drift"),
  );
  expect(screen.getByRole("link", { name: /Applied by policy/ })).toHaveAttribute(
    "href",
    expect.stringContaining("state=applied"),
  );
  expect(screen.getByText("1 min 15 s")).toBeVisible();
  expect(screen.getByText(/Not enough decisions yet: 4 so far/)).toBeVisible();
  expect(
    within(screen.getByRole("table", { name: "Predicted and decided" })).getByText("3 approved, 1 changed"),
  ).toBeVisible();
  await user.click(screen.getAllByRole("button", { name: "As a table" })[0]!);
  const table = await screen.findByRole("table", { name: "Drift over time" });
  expect(within(table).getByRole("link")).toHaveAttribute("href", expect.stringContaining("at="));
});

test("connections that are left alone are named, with when they are tried again", async () => {
  answer("get", "/aam/metrics", metrics({ standing: { ...standing, circuits_open: 1 } }));
  const connection = { id: "c1", name: "CRM", circuit_open_until: "2099-01-01T00:00:00Z", failures_in_a_row: 5 };
  answer("get", "/aoa/state", { at: NOW, running: [], tasks: [], connections: [connection] } as never);
  open("/aam");
  const left = await screen.findByLabelText("Connections left alone");
  expect(await within(left).findByRole("link", { name: "CRM" })).toHaveAttribute("href", "/connections/c1");
  expect(left).toHaveTextContent(/5 failures in a row, tried again/);
});

test("loading and failing have a face of their own", async () => {
  neverAnswer("get", "/aam/metrics");
  const { client } = open("/aam");
  await waitFor(() => expect(document.querySelectorAll("[data-state=loading]").length).toBeGreaterThan(2));
  refuse("get", "/aam/metrics", { status: 403, title: "Your role does not allow this" });
  await client.resetQueries({ queryKey: ["repair-metrics"] });
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
});

test("a drift event opens its evidence and can be accepted", async () => {
  answer("get", "/aam/drift", page(drift));
  answer("get", "/aam/drift/d1", wholeDrift as never);
  let sent: unknown;
  const told = "Accepted: the shape is the approved one, and the mapping stays.";
  answer("post", "/aam/drift/d1/accept", { proposal_id: "a1", status: "accepted", mapping_version: null, sync_run_id: null, told }, {
    heard: async (request) => (sent = await request.json()),
  }); // prettier-ignore
  const { user, router } = open("/aam?tab=drift&severity=breaking");
  await user.click(await screen.findByText("phone → mobile"));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ drift: "d1" }));
  expect(await screen.findByText("31 of 40 records")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Accept the new shape" }));
  await user.click(await screen.findByRole("button", { name: "Accept" }));
  await waitFor(() => expect(sent).toEqual({ note: null }));
  expect(await screen.findByText(told)).toBeVisible();
});

test("the ledger has its rows, its budget, and calls without a price", async () => {
  const day = {
    ...month,
    day: "2026-01-05",
    feature: "rerank_candidates",
    model: "small",
    calls: 2,
    unpriced_calls: 2,
  };
  answer("get", "/admin/llm-usage", {
    first: "2026-01-01", last: "2026-01-31", total: { ...month, calls: 2, unpriced_calls: 2 },
    budget: { monthly_usd: "25", spent_usd: "1.25", left_usd: "23.75" }, days: [day],
  }); // prettier-ignore
  open("/aam?tab=llm");
  expect(await screen.findByText("price unknown")).toBeVisible();
  expect(screen.getByText("$23.75")).toBeVisible();
});

test("without the permission there is no ledger", async () => {
  beLoggedIn({ permissions: ["drift.read"] });
  open("/aam?tab=llm");
  expect(await screen.findByText("No source changed in this span")).toBeVisible();
  expect(screen.queryByRole("tab", { name: "Language model" })).toBeNull();
});
