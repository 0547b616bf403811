import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const AT = "2026-03-01T08:00:00Z";
const CRM = "c0000000-0000-4000-8000-000000000001";
const ERP = "c0000000-0000-4000-8000-000000000002";
const ROW = "/dcl/views/accounts/rows/2b";
const view = {
  name: "accounts", entity: "account", custom: false, rows: 3, joined: 1, snapshot_id: 7, published_at: AT,
  newest_source_change: null, sources: [{ connection_id: CRM, connection: "CRM", records: 4 }],
  columns: [{ name: "revenue", type: "decimal", description: null, required: null }],
}; // prettier-ignore
const source = (connection_id: string, connection: string, field: string) => ({
  connection_id, connection, stream: "Account", mapping_version: 3, source_fields: [field], probability: 0.91,
  transform: { kind: "scale", args: { factor: "0.01" } }, decided_by: "policy", since: 0, until: null, records: 118,
}); // prettier-ignore
const given = (connection_id: string, connection: string, record_id: string, value: string, field: string) => ({
  connection_id, connection, stream: "Account", record_id, updated_at: AT, mapping_version: 3, value,
  rules: [{ source: field, transform: { kind: "scale", args: { factor: "0.01" } }, probability: 0.91, decided_by: "policy" }],
}); // prettier-ignore
const side = (connection_id: string, record_id: string, raw: Record<string, string> | null) => ({
  connection_id, connection: "CRM", stream: "Account", record_id, updated_at: AT, mapping_version: 3, values: {},
  unmapped: {}, raw,
}); // prettier-ignore

function ready() {
  beLoggedIn();
  answer("get", "/dcl/views", { items: [view] });
  answer("get", "/dcl/coverage", { streams: [], views: [], snapshot_id: 7 });
  answer("get", "/dcl/lineage/columns", {
    view: "accounts", column: "revenue", description: "Revenue a year", snapshot_id: 7,
    sources: [source(CRM, "CRM", "Rev"), source(ERP, "ERP", "turnover")],
  }); // prettier-ignore
}

test("a cell is followed to the record it was taken from, as it came, and to the mapping that read it", async () => {
  ready();
  answer("get", `${ROW}/provenance`, {
    entity_id: "2b", snapshot_id: 7, published_at: AT,
    cells: [
      {
        column: "revenue", value: "1250.5", winner: given(CRM, "CRM", "001", "1250.5", "Rev"),
        others: [given(ERP, "ERP", "77", "1200", "turnover")],
      },
    ],
  }); // prettier-ignore
  answer("get", `${ROW}/sources`, {
    entity_id: "2b", snapshot_id: 7, records: [side(CRM, "001", { Rev: "125050" }), side(ERP, "77", null)],
  }); // prettier-ignore
  open("/lineage?view=accounts&column=revenue&row=2b");
  const trail = await screen.findByRole("region", { name: "This value" });
  expect(await within(trail).findByText("125050")).toBeVisible();
  expect(within(trail).getByText("Mapping version 3")).toBeVisible();
  expect(within(trail).getByText("1,250.5")).toBeVisible();
  expect(within(trail).getByText("1,200")).toBeVisible();
  expect(within(trail).getByRole("link", { name: "Its source records" })).toHaveAttribute(
    "href",
    "/views/accounts?row=2b&cell=revenue&tab=sources&side=raw",
  );
  expect(screen.getByText("told the value of this row")).toBeInTheDocument();
  expect(screen.getByText("gave way in this row")).toBeInTheDocument();
});

test("a row that is not there, an answer that fails, and one on its way: each is said", async () => {
  ready();
  refuse("get", `${ROW}/provenance`, { status: 404, type: "/problems/not-found" });
  refuse("get", `${ROW}/sources`, { status: 404, type: "/problems/not-found" });
  const { router, user } = open("/lineage?view=accounts&column=revenue&row=2b");
  expect(await screen.findByText("This row is not in this publication")).toBeVisible();
  refuse("get", "/dcl/views/accounts/rows/3c/provenance", { status: 409, title: "Not now" });
  answer("get", "/dcl/views/accounts/rows/3c/sources", { entity_id: "3c", snapshot_id: 7, records: [] });
  await router.navigate({ to: "/lineage", search: { view: "accounts", column: "revenue", row: "3c" } as never });
  expect(await screen.findByText("Not now")).toBeVisible();
  answer("get", "/dcl/views/accounts/rows/3c/provenance", {
    entity_id: "3c", snapshot_id: 7, published_at: AT,
    cells: [{ column: "revenue", value: null, winner: null, others: [] }],
  }); // prettier-ignore
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No source record of this row has a value here.")).toBeVisible();
  neverAnswer("get", "/dcl/views/accounts/rows/4d/provenance");
  neverAnswer("get", "/dcl/views/accounts/rows/4d/sources");
  await router.navigate({ to: "/lineage", search: { view: "accounts", column: "revenue", row: "4d" } as never });
  const trail = await screen.findByRole("region", { name: "This value" });
  expect(trail.querySelector("[data-state=loading]")).not.toBeNull();
});
