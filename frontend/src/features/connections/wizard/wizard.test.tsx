import { screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { sampleMapping } from "@/features/connections/sample-mapping";
import {
  FILES_KIND,
  sampleConnection,
  sampleSync,
  STREAM,
  SUPABASE_KIND,
} from "@/features/connections/sample-connection";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const grants = { writes: [], evidence: "Files are only read." };
const tried = { ok: true, latency_ms: 120, grants, streams: [STREAM], refusal: null };
const preview = {
  stream: "accounts",
  columns: [
    { name: "id", type: "text", taken: "as_is" },
    { name: "email", type: "text", taken: "dropped" },
  ],
  records: [{ id: "a1" }],
  cut: false,
};

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/kinds", [FILES_KIND, SUPABASE_KIND]);
  answer("get", "/aam/files", page({ name: "accounts.csv", size_bytes: 2048, modified_at: "2026-01-01T00:00:00Z" }));
  answer("get", "/aam/intents", page());
  answer("get", "/aam/connections/c1", sampleConnection({ schedule: null, last_sync: null }), {
    headers: { ETag: '"c-1"' },
  });
  answer("get", "/aam/connections/c1/discover", { streams: [STREAM], absent: [] });
});

test("a file is chosen, tried and connected; the next step has an address of its own", async () => {
  answer("post", "/aam/connections/test", tried);
  let sent: unknown = null;
  const made = {
    connection: sampleConnection(),
    is_new: true,
    changed: [],
    intent_id: "i1",
    grants,
    streams: [STREAM],
  };
  answer("post", "/aam/connections", made, { status: 201, heard: async (request) => (sent = await request.json()) });
  const { user, router } = open("/connections/new");
  await user.click(await screen.findByRole("button", { name: /Files/ }));
  await user.click(await screen.findByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("Send a file, or choose one")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Connect and choose streams" })).toBeNull();
  await user.click(await screen.findByLabelText("accounts.csv"));
  expect(screen.getByRole("textbox", { name: "Name" })).toHaveValue("accounts");
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("The source answers, in 120 ms")).toBeVisible();
  // The one button goes on to the next thing, and has the keys.
  expect(screen.getByRole("button", { name: "Connect and choose streams" })).toHaveFocus();
  await user.keyboard("{Enter}");
  expect(await screen.findByText("What is taken?")).toBeVisible();
  expect(sent).toMatchObject({ kind: "files", name: "accounts", config: { path: "accounts.csv" }, credentials: {} });
  expect(router.state.location.search).toMatchObject({ step: "streams", connection: "c1" });
});

test("an upload is sent as bytes and chosen", async () => {
  let sent: [string | null, string] | null = null;
  answer("post", "/aam/files", { name: "deals.csv", size_bytes: 4, modified_at: "2026-01-01T00:00:00Z" }, {
    status: 201,
    heard: async (request) => (sent = [new URL(request.url).searchParams.get("name"), await request.text()]),
  }); // prettier-ignore
  const { user } = open("/connections/new?step=source&kind=files");
  await screen.findByText("Drop files here, or choose them");
  await screen.findByLabelText("accounts.csv");
  answer("get", "/aam/files", page({ name: "deals.csv", size_bytes: 4, modified_at: "2026-01-01T00:00:00Z" }));
  await user.upload(screen.getByLabelText("Files to send"), new File(["a\n1\n"], "deals.csv", { type: "text/csv" }));
  expect(await screen.findByRole("radio", { name: "deals.csv" })).toBeChecked();
  await user.click(screen.getByRole("radio", { name: "Those whose names fit a pattern" }));
  await user.type(screen.getByLabelText("Path"), "deals_*.csv");
  expect(screen.getByLabelText("Path")).toHaveValue("deals_*.csv");
  expect(sent).toEqual(["deals.csv", "a\n1\n"]);
});

test("credentials go where they are sealed, and a refusal says what helps", async () => {
  let sent: Record<string, unknown> = {};
  const refusal = {
    standing: "awaiting_credentials",
    code: "credentials_expired",
    reason: "The key is not valid.",
    hint: "Make a new key.",
  };
  answer("post", "/aam/connections/test", { ...tried, ok: false, streams: [], grants: null, refusal }, {
    heard: async (request) => (sent = (await request.json()) as Record<string, unknown>),
  }); // prettier-ignore
  const { user } = open("/connections/new?step=source&kind=supabase");
  const key = await screen.findByLabelText("Key");
  expect(key).toHaveAttribute("type", "password");
  await user.type(key, "sb_secret_1");
  await user.type(screen.getByLabelText("URL"), "https://acme.supabase.co");
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The key is not valid.");
  expect(screen.getByText("Make a new key.")).toBeVisible();
  expect(sent).toMatchObject({ config: { url: "https://acme.supabase.co" }, credentials: { key: "sb_secret_1" } });
  expect(screen.queryByRole("button", { name: "Connect and choose streams" })).toBeNull();
});

test("columns are left out or hashed, the key is not, and records are looked at", async () => {
  let sent: unknown = null;
  answer(
    "put",
    "/aam/connections/c1/streams",
    { streams: [] },
    { heard: async (request) => (sent = await request.json()) },
  );
  answer("get", "/aam/connections/c1/streams/accounts/preview", preview);
  const { user } = open("/connections/new?step=streams&connection=c1");
  await user.click(await screen.findByRole("button", { name: /^Columns of accounts/ }));
  const drawer = await screen.findByRole("dialog");
  expect(within(drawer).getByRole("textbox", { name: "What becomes of id" })).toBeDisabled();
  await user.click(within(drawer).getByRole("textbox", { name: "What becomes of email" }));
  await user.click(await screen.findByRole("option", { name: "Leave out" }));
  await user.keyboard("{Escape}");
  expect(await screen.findByText("2 of 3")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Look at records" }));
  expect(await screen.findByText("a1")).toBeVisible();
  expect(screen.getByText(/Left out: email/)).toBeVisible();
  expect(sent).toMatchObject({ streams: { accounts: { drop: ["email"] } } });
});

test("a source that does not say what it holds can be asked again", async () => {
  refuse("get", "/aam/connections/c1/discover", { status: 422, title: "The source cannot be used as it is" });
  const { user } = open("/connections/new?step=streams&connection=c1");
  expect(await screen.findByRole("alert")).toHaveTextContent("The source cannot be used as it is");
  answer("get", "/aam/connections/c1/discover", { streams: [STREAM], absent: [] });
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("button", { name: /^Columns of accounts/ })).toBeVisible();
});

test("the schedule is stored, the first sync followed until its rows are in a view", async () => {
  let schedule: unknown = null;
  const sync = sampleSync({ started_at: "2026-01-10T12:00:00Z" });
  answer("patch", "/aam/connections/c1", sampleConnection(), {
    heard: async (request) => (schedule = await request.json()),
  });
  answer("post", "/aam/connections/c1/sync", sampleSync({ status: "requested" }), { status: 202 });
  answer("get", "/aam/syncs/s1", sync);
  answer("get", "/aam/syncs/s1/notes", page());
  answer("get", "/aam/mappings", page(sampleMapping()));
  answer("get", "/aam/mappings/c1/accounts", { ...sampleMapping(), unmapped: ["score"] } as never);
  answer("get", "/dcl/views", {
    items: [{ name: "accounts", entity: "account", custom: false, rows: 40, joined: 0, snapshot_id: 7, columns: [],
      sources: [{ connection_id: "c1", connection: "CRM", records: 40 }], published_at: "2026-01-10T12:00:09Z",
      newest_source_change: null }],
  } as never); // prettier-ignore
  const { user } = open("/connections/new?step=schedule&connection=c1");
  await user.click(await screen.findByRole("button", { name: "Start the first sync" }));
  expect(await screen.findByText("Its rows are in the view")).toBeVisible();
  expect(await screen.findByText("1 field fills no view:")).toBeVisible();
  expect(schedule).toEqual({ schedule: "every 1h" });
  expect(screen.getByRole("link", { name: "Open accounts: 40 records" })).toHaveAttribute("href", "/views/accounts");
});

test("who may not connect is told so", async () => {
  beLoggedIn({ permissions: ["connections.read"] });
  open("/connections/new");
  expect(await screen.findByText("Your role does not connect sources")).toBeVisible();
});
