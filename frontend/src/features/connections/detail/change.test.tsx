import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { FILES_KIND, sampleConnection, STREAM } from "@/features/connections/sample-connection";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/connections/c1", sampleConnection(), { headers: { ETag: '"c-1"' } });
  neverAnswer("get", "/aam/connections/c1/health");
  answer("get", "/aam/kinds", [FILES_KIND]);
  answer("get", "/aam/files", page());
});

test("a change sends what differs on what it was made; another's change is told", async () => {
  const { user } = open("/connections/c1?tab=settings");
  const name = await screen.findByLabelText("Name");
  await user.clear(name);
  await user.type(name, "CRM of sales");
  let sent: unknown = null;
  refuse("patch", "/aam/connections/c1", {
    type: "/problems/precondition-failed",
    status: 412,
    title: "It was changed since you read it",
  });
  answer("get", "/aam/connections/c1", sampleConnection({ name: "Theirs" }), { headers: { ETag: '"c-2"' } });
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Somebody changed this connection meanwhile")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show theirs" }));
  await waitFor(() => expect(screen.getByLabelText("Name")).toHaveValue("Theirs"));
  answer("patch", "/aam/connections/c1", sampleConnection({ name: "Ours" }), {
    headers: { ETag: '"c-3"' },
    heard: async (request) => (sent = [request.headers.get("If-Match"), await request.json()]),
  });
  await user.clear(screen.getByLabelText("Name"));
  await user.type(screen.getByLabelText("Name"), "Ours");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toEqual(['"c-2"', { name: "Ours" }]));
});

test("deleting wants the name typed", async () => {
  let deleted = false;
  answer("delete", "/aam/connections/c1", null, { heard: () => (deleted = true) });
  answer("get", "/aam/intents", page());
  const { user, router } = open("/connections/c1");
  await user.click(await screen.findByRole("button", { name: "More about CRM" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByRole("button", { name: "Delete" })).toBeDisabled();
  await user.type(within(dialog).getByLabelText(/Type/), "CRM");
  await user.click(within(dialog).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/connections"));
  expect(deleted).toBe(true);
});

test("streams are changed once the source was asked", async () => {
  answer("get", "/aam/connections/c1/streams", { streams: [] });
  answer("get", "/aam/connections/c1/discover", { streams: [STREAM], absent: ["old_one"] });
  let sent: unknown = null;
  answer("patch", "/aam/connections/c1/streams/accounts", { ...STREAM, choice: { ...STREAM.choice, enabled: false } }, {
    heard: async (request) => (sent = await request.json()),
  }); // prettier-ignore
  const { user } = open("/connections/c1?tab=streams");
  expect(await screen.findByText("No stream is known yet")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Ask the source and change" }));
  await user.click(await screen.findByLabelText("Take accounts"));
  await waitFor(() => expect(sent).toMatchObject({ enabled: false }));
  expect(screen.getByText("old_one")).toBeVisible();
});
