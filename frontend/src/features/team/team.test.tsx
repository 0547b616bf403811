import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { ANN, beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const SINCE = "2026-01-01T00:00:00Z";
const bob = {
  user_id: "u2",
  email: "bob@acme.example",
  display_name: null,
  role: "viewer",
  status: "active",
  created_at: SINCE,
};
const ann = { ...bob, user_id: ANN.id, email: ANN.email, display_name: ANN.display_name, role: "owner" };
const page = (...items: object[]) => ({ items, next_cursor: null }) as never;

test("members are shown as rows, oneself marked", async () => {
  beLoggedIn();
  answer("get", "/auth/members", page(ann, bob));
  open("/team");
  const table = await screen.findByRole("table", { name: "Members" });
  expect(await within(table).findByText("(you)")).toBeVisible();
  expect(within(table).getByText("bob@acme.example")).toBeVisible();
});

test("while members are loaded their rows stand in, and a failure can be tried again", async () => {
  beLoggedIn();
  neverAnswer("get", "/auth/members");
  const { client, user } = open("/team");
  expect(await screen.findByRole("table", { name: "Members" })).toHaveAttribute("aria-busy", "true");
  refuse("get", "/auth/members", { status: 403, title: "Your role does not allow this" });
  await client.resetQueries({ queryKey: ["members"] });
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
  answer("get", "/auth/members", page(bob));
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("bob@acme.example")).toBeVisible();
});

test("removing a member is asked first, and a refusal is told where it was asked", async () => {
  beLoggedIn();
  answer("get", "/auth/members", page(ann, bob));
  refuse("delete", "/auth/members/u2", { status: 409, title: "The last owner stays" });
  const { user } = open("/team");
  await user.click(await screen.findByRole("button", { name: "More about bob@acme.example" }));
  await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Remove" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("The last owner stays");
});

test("an invitation gives a link, once", async () => {
  beLoggedIn();
  answer("get", "/auth/invitations", page());
  answer(
    "post",
    "/auth/invitations",
    {
      id: "i1",
      email: "eve@acme.example",
      role: "viewer",
      invited_by: "ann",
      created_at: SINCE,
      expires_at: SINCE,
      token: "inv_9",
      link: null,
    },
    {
      status: 201,
      heard: async (request) => expect(await request.json()).toEqual({ email: "eve@acme.example", role: "viewer" }),
    },
  );
  const { user } = open("/team?tab=invitations");
  expect(await screen.findByText("No invitation is open")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Invite" }));
  await user.type(await screen.findByLabelText("E-mail"), "eve@acme.example");
  await user.click(screen.getByRole("button", { name: "Make the link" }));
  expect(await screen.findByTestId("secret")).toHaveTextContent("/invitations#token=inv_9");
  await user.click(screen.getByRole("button", { name: "I have it" }));
  await waitFor(() => expect(screen.queryByText(/inv_9/)).toBeNull());
});

test("a key needs a scope, is shown once, and is listed without what proves it", async () => {
  beLoggedIn();
  answer("get", "/auth/members", page(ann));
  answer("get", "/auth/api-keys", page());
  const key = {
    id: "k1",
    name: "nightly",
    prefix: "k3v9",
    scopes: ["views.read"],
    created_by: ANN.id,
    created_at: SINCE,
    expires_at: null,
    last_used_at: null,
  };
  const { user } = open("/team?tab=keys");
  expect(await screen.findByText("No keys yet")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "New key" }));
  await user.type(await screen.findByLabelText(/^Name/), "nightly");
  await user.click(screen.getByRole("button", { name: "Make the key" }));
  expect(await screen.findByText("Choose at least one")).toBeVisible();
  expect(screen.queryByLabelText("keys.manage")).toBeNull();
  answer("post", "/auth/api-keys", { ...key, key: "ak_k3v9_secret" }, { status: 201 });
  answer("get", "/auth/api-keys", page(key));
  await user.click(screen.getByLabelText("views.read"));
  await user.click(screen.getByRole("button", { name: "Make the key" }));
  expect(await screen.findByTestId("secret")).toHaveTextContent("ak_k3v9_secret");
  await user.click(screen.getByRole("button", { name: "I have it" }));
  expect(await screen.findByText("ann@acme.example")).toBeVisible();
  await waitFor(() => expect(screen.queryByText("ak_k3v9_secret")).toBeNull());
});

test("a viewer sees who is here and can change nothing", async () => {
  beLoggedIn({ permissions: ["members.read"] });
  answer("get", "/auth/members", page(ann, bob));
  open("/team?tab=members");
  expect(await screen.findByText("bob@acme.example")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Invite" })).toBeNull();
  expect(screen.queryByRole("tab", { name: "API keys" })).toBeNull();
});
