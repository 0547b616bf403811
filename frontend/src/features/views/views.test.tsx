import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { published, view } from "@/features/views/published.test-data";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

test("the list tells what is published, and opens a view", async () => {
  published();
  answer("get", "/dcl/views", {
    items: [view(), view({ name: "contacts", rows: null, joined: null, published_at: null })],
  });
  const { user, router } = open("/views");
  expect(await screen.findByRole("link", { name: "accounts" })).toBeVisible();
  expect(screen.getAllByLabelText(/unknown: Nothing is published yet/).length).toBeGreaterThan(1);
  await user.click(screen.getByText("CRM"));
  expect(await screen.findByRole("gridcell", { name: "Acme" })).toBeVisible();
  expect(router.state.location.pathname).toBe("/views/accounts");
});

test("without a publication, and without an answer, the list says so", async () => {
  beLoggedIn();
  answer("get", "/dcl/views", { items: [view({ published_at: null })] });
  open("/views");
  expect(await screen.findByText("Nothing is published yet")).toBeVisible();
  refuse("get", "/dcl/views", { status: 409, title: "Not now" });
  open("/views");
  expect(await screen.findByText("Not now")).toBeVisible();
  answer("get", "/dcl/views", { items: [view()] });
  await userEvent.setup().click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "accounts" })).toBeVisible();
});

test("a view that loads, one that is not there, one without a publication", async () => {
  published();
  neverAnswer("get", "/dcl/views/slow");
  refuse("get", "/dcl/views/gone", { status: 404, type: "/problems/not-found", title: "There is no such thing here" });
  answer("get", "/dcl/views/empty", view({ name: "empty", snapshot_id: null, published_at: null, rows: null }));
  const { router } = open("/views/slow");
  await waitFor(() => expect(document.querySelector("[data-state=loading]")).not.toBeNull());
  await router.navigate({ to: "/views/gone" });
  expect(await screen.findByText("There is no view “gone”")).toBeVisible();
  await router.navigate({ to: "/views/empty" });
  expect(await screen.findByText("This view is not published yet")).toBeVisible();
});
