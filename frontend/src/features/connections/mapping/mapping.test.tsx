import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { sampleConnection, STREAM } from "@/features/connections/sample-connection";
import { sampleMapping, sampleProposal } from "@/features/connections/sample-mapping";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const field = (name: string) => ({ name, type: "text", description: "", required: false, key: false, filled_by: [] });
const ENTITIES = {
  items: [
    { name: "account", view: "accounts", custom: false, rows: 1, streams: [], fields: [field("email"), field("name")] },
    { name: "ticket", view: "tickets", custom: true, rows: 1, streams: [], fields: [field("id")] },
  ],
} as never;
const DRAWER = "/connections/c1?tab=mappings&mapping=accounts";
const told = {
  proposal_id: null,
  status: "approved",
  mapping_version: 2,
  sync_run_id: "s2",
  told: "Version 2 is in force.",
};

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/connections/c1", sampleConnection(), { headers: { ETag: '"c-1"' } });
  answer("get", "/aam/connections/c1/discover", { streams: [STREAM], absent: [] });
  answer("get", "/aam/mappings", page(sampleMapping()));
  answer("get", "/aam/mappings/c1/accounts/versions", page({ ...sampleMapping(), diff: [] }));
  answer("get", "/dcl/entities", ENTITIES);
  answer("get", "/aam/kinds", []);
});

test("the wizard proposes what each field becomes, with probabilities, before anything is read", async () => {
  answer("get", "/aam/connections/c1/mappings/preview", sampleProposal());
  open("/connections/new?step=mapping&connection=c1");
  expect(await screen.findByText("0.99")).toBeVisible();
  const table = screen.getByRole("table", { name: "Proposed mapping" });
  expect(within(table).getByText("applied")).toBeVisible();
  expect(within(table).getByText("not sure enough")).toBeVisible();
  expect(within(table).getByText("not mapped")).toBeVisible();
  expect(screen.getByText(/^From 85 % on/)).toBeVisible();
});

test("records that look like nothing known are told so, and a source that refuses can be asked again", async () => {
  refuse("get", "/aam/connections/c1/mappings/preview", { status: 422, title: "The source cannot be used as it is" });
  const { user } = open("/connections/new?step=mapping&connection=c1");
  expect(await screen.findByRole("alert")).toHaveTextContent("The source cannot be used as it is");
  const none = sampleProposal({ entity: null, is_applied: false, rules: [], unmapped: ["a"] });
  answer("get", "/aam/connections/c1/mappings/preview", none);
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Its records look like no entity that is known here")).toBeVisible();
});

test("while the source is asked for a proposal its place is kept", async () => {
  neverAnswer("get", "/aam/connections/c1/mappings/preview");
  open("/connections/new?step=mapping&connection=c1");
  expect(await screen.findByRole("table", { name: "Proposed mapping" })).toHaveAttribute("aria-busy", "true");
});

test("a field is mapped by hand, tried on records first, upon the version that was seen", async () => {
  const current = { ...sampleMapping(), unmapped: ["company"] };
  answer("get", "/aam/mappings/c1/accounts", current as never, { headers: { ETag: '"m-1"' } });
  const samples = { rows: [], is_behind: false, snapshot_id: 1, published_at: null };
  answer("post", "/aam/mappings/preview", { diff: ["+ company -> name"], samples } as never);
  let sent: unknown;
  answer("put", "/aam/mappings/c1/accounts", told as never, {
    status: 202,
    heard: async (request) => (sent = [request.headers.get("If-Match"), await request.json()]),
  });
  const { user } = open(DRAWER);
  await user.click(await screen.findByRole("button", { name: "Map a field" }));
  await user.click(screen.getByRole("textbox", { name: "Fills, of account" }));
  await user.click(await screen.findByRole("option", { name: "name" }));
  expect(await screen.findByText("What it would do")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Put in force" }));
  const cast = { kind: "cast", args: {} };
  const stands = { source: "email", target: "email", transform: cast, since: 0, until: null };
  const rules = [stands, { source: "company", target: "name", transform: cast, since: 0 }];
  await waitFor(() => expect(sent).toEqual(['"m-1"', { rules, entity: null, note: null }]));
});

test("a stream that fits no entity is mapped onto one that somebody names", async () => {
  const raw = { ...sampleMapping({ entity: null, rules: [] }), unmapped: ["email", "company"] };
  answer("get", "/aam/mappings/c1/accounts", raw as never, { headers: { ETag: '"m-1"' } });
  answer("get", "/aam/mappings/c1/accounts/proposed", sampleProposal());
  let sent: unknown;
  answer("put", "/aam/mappings/c1/accounts", told as never, {
    status: 202,
    heard: async (request) => (sent = await request.json()),
  });
  const { user } = open(DRAWER);
  await user.click(await screen.findByRole("textbox", { name: "What one record is" }));
  await user.click(await screen.findByRole("option", { name: /^account/ }));
  expect(await screen.findByRole("checkbox", { name: "Map email -> email" })).toBeChecked();
  await user.click(screen.getByRole("checkbox", { name: "Map company -> name" }));
  await user.click(screen.getByRole("button", { name: "Map 2 fields" }));
  await waitFor(() =>
    expect(sent).toMatchObject({ entity: "account", rules: [{ source: "email" }, { source: "company" }] }),
  );
});

test("a stream that is something of its own gets a view of its own", async () => {
  const raw = { ...sampleMapping({ entity: null, rules: [] }), unmapped: ["email", "company"] };
  answer("get", "/aam/mappings/c1/accounts", raw as never);
  let sent: unknown;
  answer("post", "/dcl/entities", { name: "account", view: "accounts", fields: [] } as never, {
    status: 201,
    heard: async (request) => (sent = await request.json()),
  });
  const { user } = open(DRAWER);
  await user.click(await screen.findByRole("textbox", { name: "What one record is" }));
  await user.click(await screen.findByRole("option", { name: /of its own/ }));
  expect(screen.getByLabelText("One of its records is called")).toHaveValue("account");
  await user.click(screen.getByRole("button", { name: "Make the view" }));
  await waitFor(() =>
    expect(sent).toEqual({ connection_id: "c1", stream: "accounts", name: "account", fields: [], replace: false }),
  );
});
