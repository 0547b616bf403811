import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { layOut } from "@/features/ontology/sankey-layout";
import type { Ontology } from "@/features/ontology/ontology-query";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const HEX = "c0000000000040008000000000000001";
const CRM = "c0000000-0000-4000-8000-000000000001";
const node = (id: string, kind: "connection" | "stream" | "entity" | "view", name: string, rows: number | null) => ({
  id, kind, name, rows, status: null,
}); // prettier-ignore
const field = (source: string, target: string, change: Record<string, unknown> = {}) => ({
  source, target, transform: { kind: "cast", args: {} }, probability: 0.93, decided_by: "policy", held: false, ...change,
}); // prettier-ignore
const ontology = (rows: number | null = 120): Ontology => ({
  nodes: [
    node(`connection:${HEX}`, "connection", "CRM", rows),
    node("stream:1", "stream", "Account", rows),
    node("stream:2", "stream", "Log", null),
    node("entity:account", "entity", "account", rows),
    node("entity:usage", "entity", "usage", 0),
    node("view:accounts", "view", "accounts", rows),
    node("view:usage", "view", "usage", 0),
  ],
  links: [
    { source: `connection:${HEX}`, target: "stream:1", rows, fields: [] },
    { source: `connection:${HEX}`, target: "stream:2", rows: null, fields: [] },
    {
      source: "stream:1",
      target: "entity:account",
      rows,
      fields: [field("Name", "name"), field("Rev", "annual_revenue", { held: true })],
    },
    { source: "entity:account", target: "view:accounts", rows, fields: [] },
    { source: "entity:usage", target: "view:usage", rows: 0, fields: [] },
  ],
  unmapped: [{ connection_id: CRM, connection: "CRM", stream: "Account", fields: ["Secret__c"] }],
  snapshot_id: 7,
});

test("mappings are drawn and listed, with what is not mapped and which entities nothing fills", async () => {
  beLoggedIn();
  answer("get", "/dcl/ontology", ontology());
  const { user, router } = open("/ontology");
  const table = await screen.findByRole("table", { name: "Field mappings" });
  expect(await within(table).findByText("Secret__c")).toBeVisible();
  expect(within(table).getByRole("link", { name: "account.name" })).toHaveAttribute(
    "href",
    "/lineage?view=accounts&column=name",
  );
  expect(screen.getByText("No stream fills usage.")).toBeVisible();
  // While nothing is pointed at: how much is mapped, and what is least sure.
  expect(screen.getByText("2 field mappings")).toBeVisible();
  const stream = screen.getByRole("button", { name: "Account 120 records, stream, 2 field mappings" });
  expect(screen.getByRole("button", { name: /^Log kept raw/ })).toBeVisible();
  stream.focus();
  const detail = await screen.findByRole("region", { name: "Field mappings of Account" });
  expect(within(detail).getByText("Secret__c")).toBeVisible();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.search).toEqual({ node: "stream:1" }));
  expect(stream).toHaveAttribute("aria-pressed", "true");
  await user.keyboard("{ArrowRight}");
  expect(screen.getByRole("button", { name: /^account 120 records, entity/ })).toHaveFocus();
  expect(await screen.findByRole("region", { name: "Field mappings of account" })).toBeVisible();
  await user.click(screen.getByRole("radio", { name: "Held" }));
  await waitFor(() => expect(within(table).queryByText("Secret__c")).toBeNull());
  expect(within(table).getByText("Rev")).toBeVisible();
  await user.type(screen.getByRole("searchbox"), "zzz");
  expect(await screen.findByText("No field fits")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show all fields" }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("while it loads its place is kept", async () => {
  beLoggedIn();
  neverAnswer("get", "/dcl/ontology");
  open("/ontology");
  await waitFor(() => expect(document.querySelector("main [data-state=loading]")).not.toBeNull());
});

test("without a mapping, and without an answer, it says so", async () => {
  beLoggedIn();
  answer("get", "/dcl/ontology", { nodes: [], links: [], unmapped: [], snapshot_id: null });
  open("/ontology");
  expect(await screen.findByText("No stream is mapped yet")).toBeVisible();
  refuse("get", "/dcl/ontology", { status: 409, title: "Not now" });
  const { user } = open("/ontology");
  expect(await screen.findByText("Not now")).toBeVisible();
  answer("get", "/dcl/ontology", ontology());
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("button", { name: /^CRM 120 records/ })).toBeVisible();
});

test("bands are as wide as their rows; one source fills no more room than it needs, and no counts make them alike", () => {
  const counted = layOut(ontology(), 1000);
  const [first, second] = counted?.links ?? [];
  expect(first?.width).toBeGreaterThan(20 * (second?.width ?? 0));
  expect(counted?.height).toBe(224);
  const uncounted = layOut(ontology(null), 1000);
  expect(uncounted?.links[0]?.width).toBe(uncounted?.links[1]?.width);
  expect(uncounted?.nodes.every(({ y0 }) => Number.isFinite(y0))).toBe(true);
  expect(layOut({ nodes: [], links: [], unmapped: [], snapshot_id: null }, 1000)).toBeNull();
});
