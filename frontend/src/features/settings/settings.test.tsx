import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, neverAnswer, refuse } from "@/test/server";
import { deviceName } from "@/features/settings/device-name";

const SETTINGS = {
  apply_at: 0.85, ask_at: 0.6, two_person: false, share_priors: false, watch_syncs: 3, approval_days: 7, slack_secret: null,
  llm: false, llm_model: null, llm_monthly_budget_usd: null,
}; // prettier-ignore
const BUDGET = { monthly_usd: null, spent_usd: "1.25", left_usd: null };

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/settings", SETTINGS, { headers: { ETag: '"s-1"' } });
  answer("get", "/aam/secrets", { items: [], next_cursor: null });
  answer("get", "/admin/llm-usage", { budget: BUDGET });
});

test("a change sends what differs, and on what it was made", async () => {
  let sent: unknown = null;
  let tag: string | null = null;
  answer(
    "patch",
    "/aam/settings",
    { ...SETTINGS, two_person: true },
    {
      headers: { ETag: '"s-2"' },
      heard: async (request) => {
        sent = await request.json();
        tag = request.headers.get("If-Match");
      },
    },
  );
  const { user } = open("/settings");
  expect(await screen.findByText(/\$1\.25/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await user.click(screen.getByLabelText(/Two persons have to approve/));
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/Saved/)).toBeVisible();
  expect([sent, tag]).toEqual([{ two_person: true }, '"s-1"']);
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
});

test("asking may not need more than applying", async () => {
  const { user } = open("/settings");
  const ask = await screen.findByLabelText(/Ask a person from/);
  await user.clear(ask);
  await user.type(ask, "0.95");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("At most as much as applying alone needs")).toBeVisible();
});

test("what somebody else changed meanwhile is not written over", async () => {
  refuse("patch", "/aam/settings", {
    type: "/problems/precondition-failed",
    status: 412,
    title: "It was changed since you read it",
  });
  const { user } = open("/settings");
  await user.click(await screen.findByLabelText(/Two persons have to approve/));
  answer("get", "/aam/settings", { ...SETTINGS, watch_syncs: 9 }, { headers: { ETag: '"s-2"' } });
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Somebody changed these settings meanwhile");
  await user.click(screen.getByRole("button", { name: "Show theirs" }));
  await waitFor(() => expect(screen.getByLabelText(/Watch a repair for/)).toHaveValue("9 syncs"));
});

test("settings that do not come say why", async () => {
  refuse("get", "/aam/settings", { status: 403, title: "Your role does not allow this" });
  open("/settings");
  expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this");
});

test("settings on their way have their place", async () => {
  neverAnswer("get", "/aam/settings");
  open("/settings");
  await screen.findByRole("tab", { name: "Repairs" });
  expect(document.querySelectorAll("[data-state=loading]").length).toBeGreaterThan(0);
});

test("a contract for the whole organisation is decided and listed", async () => {
  answer("get", "/aam/contracts", { items: [], effective: null });
  const contract = {
    id: "t1",
    connection_id: null,
    stream: null,
    kind: null,
    policy: "freeze",
    decided_by: "ann",
    decided_at: "2026-01-01T00:00:00Z",
  };
  const { user } = open("/settings?tab=contracts");
  expect(await screen.findByText("Nothing was decided yet")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "New contract" }));
  await user.click(await screen.findByLabelText("Freeze"));
  let sent: unknown = null;
  answer("put", "/aam/contracts", contract, { heard: async (request) => (sent = await request.json()) });
  answer("get", "/aam/contracts", { items: [contract], effective: null });
  await user.click(screen.getByRole("button", { name: "Decide" }));
  const table = await screen.findByRole("table", { name: "Contracts" });
  expect(await within(table).findByText("The organisation")).toBeVisible();
  expect(sent).toEqual({ policy: "freeze", kind: null });
});

test("a password that is not the old one is told", async () => {
  answer("get", "/auth/logins", []);
  refuse("post", "/auth/password", {
    status: 422,
    title: "The request cannot be used as it is",
    detail: "The old password is not yours.",
  });
  const { user } = open("/settings?tab=security");
  await user.type(await screen.findByLabelText("Password so far"), "nope");
  await user.type(screen.getByLabelText("New password"), "quiet-river-42");
  await user.click(screen.getByRole("button", { name: "Change the password" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The old password is not yours.");
});

test("devices are told by browser and system, and can be logged out", async () => {
  const login = {
    user_agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0",
    created_at: "2026-01-01T00:00:00Z",
    last_used_at: "2026-01-01T00:00:00Z",
  };
  answer("get", "/auth/logins", [
    { ...login, id: "l1", is_this_one: true },
    { ...login, id: "l2", is_this_one: false },
  ]);
  const { user } = open("/settings?tab=security");
  expect(await screen.findByText("this one")).toBeVisible();
  let ended = false;
  answer("delete", "/auth/logins/l2", null, { heard: () => (ended = true) });
  await user.click(screen.getByRole("button", { name: "Log out" }));
  await waitFor(() => expect(ended).toBe(true));
});

test("a program that names itself is shown as it is", () => {
  expect(deviceName("curl/8.1")).toBe("curl/8.1");
  expect(deviceName("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/17 Safari/605")).toBe("Safari on macOS");
});
