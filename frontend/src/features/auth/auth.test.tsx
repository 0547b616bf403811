import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { me, silent, tokens } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, refuse } from "@/test/server";

async function fillIn(user: ReturnType<typeof open>["user"]) {
  await user.type(await screen.findByLabelText("E-mail"), "ann@acme.example");
  await user.type(screen.getByLabelText("Password"), "correct horse");
  await user.click(screen.getByRole("button", { name: "Log in" }));
}

test("who is not logged in logs in and gets where they wanted to go", async () => {
  silent();
  const { user, router } = open("/settings?tab=security");
  await screen.findByLabelText("E-mail");
  answer("post", "/auth/login", tokens(), {
    heard: async (request) =>
      expect(await request.json()).toEqual({ email: "ann@acme.example", password: "correct horse", cookie: true }),
  });
  answer("get", "/auth/me", me());
  answer("get", "/auth/logins", []);
  await fillIn(user);
  await waitFor(() => expect(router.state.location.href).toBe("/settings?tab=security"));
});

test("nothing is sent before the form is whole", async () => {
  const { user } = open("/login");
  await user.click(await screen.findByRole("button", { name: "Log in" }));
  expect(await screen.findByText("Write your e-mail address")).toBeVisible();
  expect(screen.getByText("Write your password")).toBeVisible();
});

test("a wrong password is told in plain words", async () => {
  refuse("post", "/auth/login", { status: 401, title: "Log in, or send a valid token or API key" });
  const { user } = open("/login");
  await fillIn(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("Address or password is wrong");
});

test("too many attempts are told with the time to wait", async () => {
  refuse(
    "post",
    "/auth/login",
    { type: "/problems/rate-limited", status: 429, title: "Too many requests" },
    { "Retry-After": "60" },
  );
  const { user } = open("/login");
  await fillIn(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("Try again in 60 seconds.");
});

test("what the API finds wrong with a field stands at the field", async () => {
  refuse("post", "/auth/register", {
    status: 422,
    title: "Unusable",
    errors: [{ at: "body.organisation", message: "is taken" }],
  });
  const { user } = open("/register");
  await user.type(await screen.findByLabelText("Organisation"), "Acme");
  await user.type(screen.getByLabelText("E-mail"), "ann@acme.example");
  await user.type(screen.getByLabelText("Password"), "quiet-river-42");
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByText("is taken")).toBeVisible();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("an invitation shows what it offers and is taken with a new password", async () => {
  answer("post", "/auth/invitations/show", {
    tenant_name: "Acme", email: "bob@acme.example", role: "analyst", expires_at: "2099-01-01T00:00:00Z", has_account: false,
  }); // prettier-ignore
  let sent: unknown = null;
  answer("post", "/auth/invitations/accept", tokens(), {
    status: 201,
    heard: async (request) => (sent = await request.json()),
  });
  silent();
  answer("get", "/auth/me", me());
  answer("get", "/auth/members", { items: [], next_cursor: null });
  const { user, router } = open("/invitations#token=inv_1");
  expect(await screen.findByRole("heading", { name: "Join Acme" })).toBeVisible();
  await user.type(screen.getByLabelText("Choose a password"), "quiet-river-42");
  await user.click(screen.getByRole("button", { name: "Join Acme" }));
  await waitFor(() => expect(router.state.location.pathname).not.toBe("/invitations"));
  expect(sent).toEqual({ token: "inv_1", password: "quiet-river-42", display_name: null, cookie: true });
});

test("an invitation that was used says so", async () => {
  refuse("post", "/auth/invitations/show", { status: 404, title: "There is no such thing here" });
  open("/invitations#token=inv_old");
  expect(await screen.findByText("This invitation does not hold any more")).toBeVisible();
});
