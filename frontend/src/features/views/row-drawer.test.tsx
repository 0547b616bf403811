import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { AT, CRM, published, row } from "@/features/views/published.test-data";
import { open } from "@/test/open";
import { answer, refuse } from "@/test/server";

test("arrows move between cells, Ctrl C copies one, Enter opens its row with where it comes from", async () => {
  published();
  const from = { connection_id: CRM, stream: "Account", updated_at: AT, mapping_version: 2 };
  const rule = {
    source: "AnnualRevenue",
    transform: { kind: "scale", args: { factor: "0.01" } },
    probability: 0.97,
    decided_by: "policy",
  };
  answer("get", "/dcl/views/accounts/rows/2b", {
    columns: [],
    row: row("2b", "Globex", null),
    snapshot_id: 7,
    published_at: AT,
  });
  answer("get", "/dcl/views/accounts/rows/2b/provenance", {
    entity_id: "2b",
    snapshot_id: 7,
    published_at: AT,
    cells: [
      {
        column: "name",
        value: "Globex",
        winner: { ...from, connection: "CRM", record_id: "001", value: "Globex", rules: [rule] },
        others: [{ ...from, connection: null, record_id: "77", value: "GLOBEX Inc", rules: [] }],
      },
      { column: "fax", value: null, winner: null, others: [] },
    ],
  });
  answer("get", "/dcl/views/accounts/rows/2b/history", {
    entity_id: "2b",
    items: [
      { snapshot_id: 7, published_at: AT, present: true, changed: { name: "Globex" } },
      { snapshot_id: 5, published_at: AT, present: true, changed: { name: "Globex Ltd" } },
    ],
  });
  answer("get", "/dcl/views/accounts/rows/2b/sources", {
    entity_id: "2b",
    snapshot_id: 7,
    records: [
      {
        ...from,
        connection: "CRM",
        record_id: "001",
        values: { name: "Globex" },
        unmapped: {},
        raw: { Name: "Globex", AnnualRevenue: "900", Notes: "so ".repeat(200) },
      },
    ],
  });
  refuse("get", "/dcl/views/accounts/rows/1a", { status: 404, type: "/problems/not-found" });
  refuse("get", "/dcl/views/accounts/rows/1a/history", { status: 404, type: "/problems/not-found" });
  const { user, router } = open("/views/accounts");
  (await screen.findByRole("gridcell", { name: "Acme" })).focus();
  await user.keyboard("{ArrowDown}{Control>}c{/Control}");
  expect(await navigator.clipboard.readText()).toBe("Globex");
  await user.keyboard("{Enter}");
  const drawer = await screen.findByRole("dialog");
  expect(await within(drawer).findByText("times 0.01, decided by policy")).toBeInTheDocument();
  expect(within(drawer).getByText("GLOBEX Inc")).toBeInTheDocument();
  expect(within(drawer).getByRole("link", { name: "Lineage of this value" })).toHaveAttribute(
    "href",
    "/lineage?view=accounts&column=name&row=2b",
  );
  await user.click(within(drawer).getByRole("tab", { name: "Source records" }));
  expect(await within(drawer).findByRole("img", { name: "shown in the row" })).toBeInTheDocument();
  await user.click(within(drawer).getByText("As they came"));
  expect(within(drawer).getByText("Marked fields are those that", { exact: false })).toBeInTheDocument();
  expect(within(drawer).getByText("900", { selector: "dd" }).parentElement).toHaveAttribute("data-read");
  await user.click(within(drawer).getByRole("button", { name: "Show all 600 letters" }));
  expect(within(drawer).getByRole("button", { name: "Show less" })).toBeInTheDocument();
  await user.click(within(drawer).getByRole("tab", { name: "History" }));
  expect(await within(drawer).findByText("As far back as it is kept")).toBeInTheDocument();
  expect(within(drawer).getAllByText("Globex Ltd")).toHaveLength(2);
  await user.click(within(drawer).getByRole("button", { name: "Row before (K)" }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ row: "1a" }));
  expect(await within(drawer).findByText("This row is not in this publication")).toBeInTheDocument();
});
