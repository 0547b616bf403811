import { screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { metrics, NOW } from "@/features/aam/sample-drift";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/metrics", metrics());
  answer("get", "/aam/drift", page());
});

test("shapes are compared with the approved one", async () => {
  const shape = {
    id: "f2", connection_id: "c1", stream: "people", digest: "9f86d081884c7d65", is_baseline: false, decided_by: null,
    decided_at: null, first_seen_at: NOW, last_seen_at: NOW, sync_run_id: null, fields: 1,
  }; // prettier-ignore
  answer("get", "/aam/fingerprints", page(shape));
  answer("get", "/aam/fingerprints/f2", {
    ...shape, primary_key: ["id"], mode: "incremental", rows: null,
    shape: [{ name: "amount", type: "decimal", declared: null, nullable: null, classes: {}, sketch: null }],
  }); // prettier-ignore
  answer("get", "/aam/fingerprints/f2/diff", {
    fingerprint_id: "f2", against_id: "f1",
    changes: [{ kind: "retyped", field: "amount", severity: "warning", before: { type: "integer" }, after: { type: "decimal" } }],
  }); // prettier-ignore
  const { user } = open("/aam?tab=fingerprints");
  await user.click(await screen.findByRole("button", { name: /shape 9f86d081/ }));
  expect(await screen.findByText("Other type")).toBeVisible();
  expect(screen.getByText("integer").closest("del")).not.toBeNull();
  expect(screen.getByText(/how many records it held is unknown/)).toBeVisible();
});

test("a shape that was approved once, and one seen again, are told apart from new ones", async () => {
  const seen = {
    connection_id: "c1", stream: "people", decided_at: null, first_seen_at: NOW, last_seen_at: NOW, sync_run_id: null, fields: 1,
    is_baseline: false, decided_by: null,
  }; // prettier-ignore
  answer("get", "/aam/fingerprints", page(
    { ...seen, id: "f3", digest: `${"9f".repeat(32)}@2` },
    { ...seen, id: "f2", digest: "9f".repeat(32), decided_by: "first sync" },
  )); // prettier-ignore
  open("/aam?tab=fingerprints");
  expect(await screen.findByText("fields and types as before")).toBeVisible();
  expect(screen.getByText("earlier, at first sync")).toBeVisible();
  expect(
    screen.getAllByRole("button", { name: /people: shape 9f9f9f9f, 1 fields, (not approved|approved earlier)/ }),
  ).toHaveLength(2);
});
