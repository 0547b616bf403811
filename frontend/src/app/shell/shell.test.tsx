import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { Schemas } from "@/api/types";
import { beLoggedIn, GLOBEX, me, tokens } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const connection = {
  id: "c1",
  name: "CRM",
  kind: "salesforce",
  status: "failing",
  error: "The login was refused.",
} as Schemas["ConnectionOut"];

function noTeam() {
  answer("get", "/auth/members", { items: [], next_cursor: null });
  neverAnswer("get", "/aam/settings");
}

test("the sidebar leads to the pages there are, and says where one is", async () => {
  beLoggedIn();
  noTeam();
  const { user } = open("/");
  const pages = await screen.findByRole("navigation", { name: "Pages" });
  expect(await screen.findByRole("heading", { name: "Dashboard" })).toBeVisible();
  await user.click(within(pages).getByRole("link", { name: "Settings" }));
  expect(await screen.findByRole("heading", { name: "Settings" })).toBeVisible();
  expect(within(pages).getByRole("link", { name: "Settings" })).toHaveAttribute("data-status", "active");
});

test("g and a letter go to a page, ? shows the keys", async () => {
  beLoggedIn();
  noTeam();
  const { user, router } = open("/team");
  await screen.findByRole("heading", { name: "Team" });
  await user.keyboard("?");
  expect(await screen.findByText("Go to a page or do something", { selector: "p" })).toBeVisible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.keyboard("gs");
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings"));
});

test("a page that the role does not allow is no link, and says so when it is opened", async () => {
  beLoggedIn({ permissions: ["settings.read"], tenant: GLOBEX });
  open("/team");
  expect(await screen.findByText("Your role does not allow this page")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Team" })).toBeNull();
});

test("an address that leads nowhere keeps the way out", async () => {
  beLoggedIn();
  open("/nothing/here");
  expect(await screen.findByText("There is no such page")).toBeVisible();
  expect(screen.getByRole("navigation", { name: "Pages" })).toBeVisible();
});

test("the bell tells what waits, and nothing before that is known", async () => {
  beLoggedIn();
  noTeam();
  answer("get", "/aam/connections", { items: [connection], next_cursor: null });
  const { user } = open("/team");
  await user.click(await screen.findByRole("button", { name: "1 waiting for a person" }));
  expect(await screen.findByText("The login was refused.")).toBeVisible();
});

test("many repairs that wait are not all loaded to be counted", async () => {
  beLoggedIn();
  noTeam();
  const repair = { connection: "CRM", stream: "contacts", kind: "renamed", created_at: "2026-01-10T12:00:00Z" };
  const items = Array.from({ length: 100 }, (_, at) => ({ ...repair, id: `r${at}` }));
  answer("get", "/aam/approvals", { items, next_cursor: "more" } as never);
  const { user } = open("/team");
  await user.click(await screen.findByRole("button", { name: "100+ waiting for a person" }));
  expect(await screen.findByRole("link", { name: "All 100+ repairs that wait" })).toHaveAttribute("href", "/approvals");
});

test("the palette finds pages, connections and views, and goes there", async () => {
  beLoggedIn();
  noTeam();
  answer("get", "/aam/connections", { items: [connection], next_cursor: null });
  answer("get", "/dcl/views", { items: [{ name: "accounts" }] } as never);
  answer("get", "/dcl/views/accounts", { name: "accounts" } as never);
  const { user, router } = open("/team");
  await screen.findByRole("heading", { name: "Team" });
  await user.keyboard("{Control>}k{/Control}");
  const dialog = await screen.findByRole("dialog", { name: "Search or jump to" });
  expect(await within(dialog).findByRole("button", { name: "CRM" })).toBeVisible();
  await user.keyboard("accou");
  await waitFor(() => expect(within(dialog).queryByRole("button", { name: "CRM" })).toBeNull());
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/views/accounts"));
});

test("going to another organisation forgets what was asked for in this one", async () => {
  beLoggedIn();
  noTeam();
  const { user, client } = open("/team");
  await user.click(await screen.findByRole("button", { name: /Organisation: Acme/ }));
  answer("post", "/auth/switch", tokens(GLOBEX.id));
  answer("get", "/auth/me", me({ tenant: GLOBEX }));
  client.setQueryData(["secret-of-acme"], 1);
  await user.click(await screen.findByRole("menuitem", { name: /Globex/ }));
  expect(await screen.findByRole("button", { name: /Organisation: Globex/ })).toBeVisible();
  expect(client.getQueryData(["secret-of-acme"])).toBeUndefined();
});

test("who is not known because the API is away can try again", async () => {
  beLoggedIn();
  noTeam();
  refuse("get", "/auth/me", { status: 403, title: "Your role does not allow this" });
  const { user } = open("/team");
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
  answer("get", "/auth/me", me());
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "Team" })).toBeVisible();
});
