import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { Connection } from "@/api/types";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null }) as never;
const AT = "2026-01-10T12:00:00Z";
const crm = {
  id: "c1", name: "CRM", kind: "salesforce", status: "active", risk_level: "high", safe_mode: true,
  safe_mode_lifted_at: null, safe_mode_lifted_by: null,
} as Connection; // prettier-ignore
const secret = { name: "crm-key", used_by: ["CRM"], version: 2, created_at: AT, updated_at: AT };
const flag = { name: "new-grid", description: "A faster grid.", is_on: false, reason: "roll-out" };

test("Safe Mode is lifted where one sees it, and who lifted it is told", async () => {
  beLoggedIn();
  answer("get", "/aam/connections", page(crm));
  let lifted = false;
  answer("post", "/aam/connections/c1/lift", { ...crm, safe_mode: false }, { heard: () => (lifted = true) });
  const { user } = open("/settings?tab=safe-mode");
  expect(await screen.findByText("samples")).toBeVisible();
  answer(
    "get",
    "/aam/connections",
    page({ ...crm, safe_mode: false, safe_mode_lifted_by: "ann", safe_mode_lifted_at: AT }),
  );
  await user.click(screen.getByRole("button", { name: "Lift Safe Mode of CRM" }));
  expect(await screen.findByRole("button", { name: "Samples only for CRM" })).toBeVisible();
  expect(lifted).toBe(true);
  expect(screen.getByText(/by ann/)).toBeVisible();
});

test("who may not decide sees Safe Mode and cannot change it; without connections it says so", async () => {
  beLoggedIn({ permissions: ["connections.read"] });
  answer("get", "/aam/connections", page(crm));
  const { client } = open("/settings?tab=safe-mode");
  expect(await screen.findByText("samples")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Safe Mode of CRM/ })).toBeNull();
  answer("get", "/aam/connections", page());
  await client.invalidateQueries({ queryKey: ["connections"] });
  expect(await screen.findByText("Nothing is connected yet")).toBeVisible();
});

test("a secret is put as fields, and never shown", async () => {
  beLoggedIn();
  answer("get", "/aam/secrets", page());
  let sent: unknown = null;
  answer("put", "/aam/secrets/crm-key", secret, { heard: async (request) => (sent = await request.json()) });
  const { user } = open("/settings?tab=secrets");
  expect(await screen.findByText("No secret was put yet")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "New secret" }));
  const form = await screen.findByRole("dialog");
  await user.type(within(form).getByLabelText("Name"), "crm-key");
  await user.click(within(form).getByText("Several fields"));
  await user.type(within(form).getByLabelText("Value"), "nonsense");
  await user.click(within(form).getByRole("button", { name: "Put" }));
  expect(await within(form).findByText(/An object, such as/)).toBeVisible();
  await user.clear(within(form).getByLabelText("Value"));
  await user.type(within(form).getByLabelText("Value"), '{{"key": "k"}');
  answer("get", "/aam/secrets", page(secret));
  await user.click(within(form).getByRole("button", { name: "Put" }));
  expect(await screen.findByText("2 times")).toBeVisible();
  expect(sent).toEqual({ value: { key: "k" } });
});

test("a secret that is used is not destroyed, and the reason is told", async () => {
  beLoggedIn();
  answer("get", "/aam/secrets", page(secret));
  refuse("delete", "/aam/secrets/crm-key", { title: "This cannot be done now", detail: "CRM uses it." });
  const { user } = open("/settings?tab=secrets");
  await user.click(await screen.findByRole("button", { name: "Destroy crm-key" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Destroy" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("CRM uses it.");
});

test("features are told with the reason; who runs the platform sets them here", async () => {
  beLoggedIn({ is_operator: true });
  answer("get", "/admin/flags", [flag]);
  let sent: unknown = null;
  answer("put", "/admin/platform-flags/new-grid/tenants/a0000000-0000-4000-8000-000000000001", null, {
    heard: async (request) => (sent = await request.json()),
  });
  const { user } = open("/settings?tab=features");
  expect(await screen.findByText("by the roll-out")).toBeVisible();
  answer("get", "/admin/flags", [{ ...flag, is_on: true, reason: "override" }]);
  await user.click(screen.getByRole("button", { name: "Turn on new-grid here" }));
  expect(await screen.findByText("set for this organisation")).toBeVisible();
  expect(sent).toEqual({ is_on: true });
});

test("features have their place while they are loaded, a reason when they are not, and words for none", async () => {
  beLoggedIn();
  neverAnswer("get", "/admin/flags");
  const { client, user } = open("/settings?tab=features");
  expect(await screen.findByRole("table", { name: "Features" })).toHaveAttribute("aria-busy", "true");
  await client.cancelQueries();
  refuse("get", "/admin/flags", { status: 403, title: "Your role does not allow this" });
  void client.resetQueries({ queryKey: ["flags"] });
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
  answer("get", "/admin/flags", []);
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No feature is being rolled out")).toBeVisible();
  await waitFor(() => expect(screen.queryByRole("button", { name: /Turn/ })).toBeNull());
});
