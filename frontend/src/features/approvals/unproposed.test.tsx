import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { outcome, policy, repair, whole } from "@/features/approvals/sample-repair";
import { ANN, beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer } from "@/test/server";

const gone = repair("a1", { kind: "removed", fields_after: [], diff: [], probability: 0.93 });
const candidate = (number: number, source: string | null, probability: number) => ({
  number,
  old: "phone",
  source,
  line: source === null ? "leave phone empty" : `${source} -> phone`,
  probability,
  evidence: [],
});

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/settings", policy, { headers: { ETag: '"s-1"' } });
  answer("get", "/aam/approvals", { items: [gone], next_cursor: null } as never);
});

function aGoneField(...probabilities: number[]) {
  const candidates = probabilities.map((each, at) => candidate(at + 1, `field${at + 1}`, each));
  const all = [...candidates, candidate(candidates.length + 1, null, 0)];
  answer("get", "/aam/approvals/a1", whole("a1", { ...gone, changes: [], candidates: all }) as never);
}

test("where nothing is proposed, approving is called what it does and the likeliest candidate has a key", async () => {
  aGoneField(0.93);
  let sent: unknown;
  answer("post", "/aam/approvals/a1/choose", { ...outcome, sync_run_id: null }, {
    heard: async (request) => (sent = await request.json()),
  }); // prettier-ignore
  const { user } = open("/approvals/a1");
  expect(await screen.findByText(/Nothing is proposed: no rule changes unless/)).toBeVisible();
  expect(screen.getByText(/So sure is the likeliest candidate/)).toBeVisible();
  expect(screen.getByText("not weighed")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Approve" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Leave it empty" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent(/Nothing takes the place of “phone”.*its last good values are not kept/);
  await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await screen.findByRole("button", { name: "Use field1" });
  await user.keyboard("1");
  await within(await screen.findByRole("dialog")).findByText("field1 -> phone");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(sent).toEqual({ note: null, candidate: 1 }));
});

test("a candidate that policy would not ask for is not offered before the others", async () => {
  aGoneField(0.07);
  open("/approvals/a1");
  expect(await screen.findByRole("button", { name: "Choose field1 -> phone" })).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Use/ })).toBeNull();
});

test("without any candidate nothing is told to be sure", async () => {
  aGoneField();
  open("/approvals/a1");
  expect(await screen.findByText(/there is nothing to be sure of/)).toBeVisible();
});

test("who has approved where two are needed does not approve twice", async () => {
  const votes = [{ by: ANN.email, verdict: "approve", at: gone.created_at }];
  answer("get", "/aam/approvals/a1", whole("a1", { needs_two: true, votes }) as never);
  open("/approvals/a1");
  expect(await screen.findByText("You have approved; another person is needed")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Approve" })).toBeNull();
  expect(screen.getByRole("button", { name: "Reject" })).toBeVisible();
});
