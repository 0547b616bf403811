import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { arrange, type Card } from "@/features/lineage/arrange";
import type { TableNode } from "@/features/lineage/table-lineage-query";
import { tablePicture } from "@/features/lineage/table-picture";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const AT = "2026-03-01T08:00:00Z";
const CRM = "c0000000-0000-4000-8000-000000000001";
const view = (name: string, rows: number | null) => ({
  name, entity: "account", custom: false, rows, joined: null, sources: [], snapshot_id: null, published_at: null,
  newest_source_change: null, columns: [{ name: "name", type: "text", description: null, required: null }],
}); // prettier-ignore
const node = (id: string, stage: string, name: string, rows: number | null, change: Record<string, unknown> = {}) => ({
  id, stage, name, rows, connection_id: null, mapping_version: null, last_run_at: null, last_run_status: null, ...change,
}); // prettier-ignore
const raw = node("raw:1", "raw", "CRM/Account", 120, {
  connection_id: CRM,
  mapping_version: 3,
  last_run_at: AT,
  last_run_status: "succeeded",
});
const tables = {
  view: "accounts",
  snapshot_id: 7,
  nodes: [raw, node("canonical:account", "canonical", "account", 118), node("view:accounts", "view", "accounts", null)],
  edges: [
    { source: "raw:1", target: "canonical:account", rows: 118 },
    { source: "canonical:account", target: "view:accounts", rows: null },
  ],
};
const coverage = {
  streams: [],
  views: [{ view: "accounts", rows: 3, columns: [{ column: "name", filled: 0.5, sources: ["CRM/Account"] }] }],
  snapshot_id: 7,
};

function ready() {
  beLoggedIn();
  answer("get", "/dcl/views", { items: [view("contacts", null), view("accounts", 3)] });
  answer("get", "/dcl/lineage/tables", tables);
  answer("get", "/dcl/coverage", coverage);
}

test("the tables on the way to a view are drawn and listed; what nobody counted is unknown", async () => {
  ready();
  open("/lineage");
  const table = await screen.findByRole("table", { name: "Tables on the way to accounts" });
  expect(await within(table).findByText("120")).toBeVisible();
  expect(within(table).getByLabelText("unknown: Nothing is published yet")).toBeVisible();
  expect(screen.getByRole("group", { name: /Tables from the sources to accounts/ })).toBeVisible();
});

test("a column leads to its source fields, with how they are read", async () => {
  ready();
  answer("get", "/dcl/lineage/columns", {
    view: "accounts",
    column: "name",
    description: "Company name",
    snapshot_id: 7,
    sources: [
      {
        connection_id: CRM, connection: "CRM", stream: "Account", mapping_version: 3, source_fields: ["First", "Last"],
        transform: { kind: "concat", args: { fields: ["Last"] } }, probability: 0.91, decided_by: "policy", since: 0,
        until: null, records: 118,
      },
    ],
  }); // prettier-ignore
  const { user, router } = open("/lineage?view=accounts");
  await user.click(await screen.findByText("50 %"));
  await waitFor(() => expect(router.state.location.search).toEqual({ view: "accounts", column: "name" }));
  const table = await screen.findByRole("table", { name: "Source fields of name" });
  expect(await within(table).findByText("joined with Last")).toBeVisible();
  expect(within(table).getByText("0.91")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Whole table" }));
  expect(await screen.findByRole("table", { name: "Columns of accounts" })).toBeVisible();
});

test("nothing mapped, no such view, no answer: each is said", async () => {
  ready();
  answer("get", "/dcl/lineage/tables", { ...tables, nodes: tables.nodes.slice(1), edges: [] });
  const { router } = open("/lineage?view=accounts");
  expect(await screen.findByText("No stream fills this view yet")).toBeVisible();
  await router.navigate({ to: "/lineage", search: { view: "nowhere" } as never });
  expect(await screen.findByText("There is no view “nowhere”")).toBeVisible();
  refuse("get", "/dcl/lineage/columns", { status: 409, title: "Not now" });
  await router.navigate({ to: "/lineage", search: { view: "accounts", column: "name" } as never });
  expect(await screen.findByText("Not now")).toBeVisible();
  answer("get", "/dcl/lineage/columns", {
    view: "accounts", column: "name", description: null, snapshot_id: 7, sources: [],
  }); // prettier-ignore
  await userEvent.setup().click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No source field fills name")).toBeVisible();
});

test("while the views are on their way their place is kept", async () => {
  beLoggedIn();
  neverAnswer("get", "/dcl/views");
  open("/lineage");
  await waitFor(() => expect(document.querySelector("main [data-state=loading]")).not.toBeNull());
});

test("of very many streams the largest are drawn, the others are told of", () => {
  const nodes = Array.from({ length: 20 }, (_, at) => node(`raw:${at}`, "raw", `CRM/S${at}`, at)) as TableNode[];
  const end = node("canonical:account", "canonical", "account", 190) as TableNode;
  const edges = nodes.map(({ id }) => ({ source: id, target: end.id, rows: 1 }));
  const { cards, flows } = tablePicture({ view: "a", snapshot_id: 7, nodes: [...nodes, end], edges }, new Map());
  expect(cards.map(({ title }) => title)).toContain("9 more streams");
  expect(cards).toHaveLength(13);
  expect(flows).toHaveLength(12);
});

test("steps stand from left to right, each in the middle; a step nobody needs takes no room", () => {
  const card = (id: string, step: number): Card => ({
    id, step, tone: "source", kind: "", title: id, detail: "", to: null,
  }); // prettier-ignore
  const { nodes } = arrange([card("a", 0), card("b", 0), card("c", 4)], [], 100);
  const [a, b, c] = nodes.map(({ position }) => position);
  expect(a?.x).toBe(b?.x);
  expect((c?.x ?? 0) - (a?.x ?? 0)).toBe(324);
  expect(c?.y).toBe(((a?.y ?? 0) + (b?.y ?? 0)) / 2);
});
