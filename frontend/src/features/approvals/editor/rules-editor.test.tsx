import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { outcome, policy, samples, whole } from "@/features/approvals/sample-repair";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, refuse } from "@/test/server";

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/settings", policy);
  answer("get", "/aam/approvals/a1", whole("a1") as never, { headers: { ETag: '"a1-1"' } });
  answer("get", "/aam/mappings/c1/people", { rules: [{ source: "mobile" }], unmapped: ["fax"] });
  answer("get", "/dcl/entities/contact", { fields: [{ name: "phone" }, { name: "name" }] });
});

test("rules are edited with a preview, and what is wrong is told at their line", async () => {
  const previewed: unknown[] = [];
  const preview = { diff: ["+ mobile -> phone | lower"], samples };
  answer("post", "/aam/approvals/a1/preview", preview as never, {
    heard: async (request) => previewed.push(await request.json()),
  });
  const { user } = open("/approvals/a1?edit=true");
  const line = await screen.findByLabelText("Rule 1");
  expect(line).toHaveValue("mobile -> phone | trim");
  expect(line).toHaveFocus();
  await waitFor(() =>
    expect(previewed).toEqual([{ rules: [{ line: "mobile -> phone | trim", since: 0 }], whole: false }]),
  );
  await user.clear(line);
  await user.type(line, "mobile -> phone | tirm");
  expect(await screen.findByText("There is no step “tirm”.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Put in force" })).toBeDisabled();
  refuse("post", "/aam/approvals/a1/preview", {
    status: 422,
    title: "The request cannot be used as it is",
    detail: "The stream 'people' has no field 'handy'.",
  });
  await user.clear(line);
  await user.type(line, "handy -> phone");
  await waitFor(() => expect(line).toHaveAccessibleDescription("The stream 'people' has no field 'handy'."));
});

test("the form writes the same line, and Put in force sends it on what was seen", async () => {
  let sent: unknown;
  answer("post", "/aam/approvals/a1/preview", { diff: [], samples });
  answer("post", "/aam/approvals/a1/edit", { ...outcome, sync_run_id: null }, {
    heard: async (request) => (sent = [request.headers.get("If-Match"), await request.json()]),
  }); // prettier-ignore
  const { user } = open("/approvals/a1?edit=true");
  // What was begun before is kept.
  expect(await screen.findByLabelText("Rule 1")).toHaveValue("handy -> phone");
  await user.click(screen.getByRole("button", { name: "Start again" }));
  await user.click(screen.getByText("Form"));
  await user.click(screen.getByRole("button", { name: "Remove step 1" }));
  await user.click(screen.getByRole("button", { name: "Add a step" }));
  const target = screen.getByRole("textbox", { name: "Field of contact" });
  await user.clear(target);
  await user.type(target, "name");
  await waitFor(() => expect(screen.getByRole("button", { name: "Put in force" })).toBeEnabled());
  await user.click(screen.getByRole("button", { name: "Put in force" }));
  expect(await screen.findByRole("dialog")).toHaveTextContent("mobile -> name | trim");
  await user.keyboard("{Enter}");
  const rules = [{ line: "mobile -> name | trim", since: 0 }];
  await waitFor(() => expect(sent).toEqual(['"a1-1"', { note: null, rules, whole: false }]));
});

test("Escape leaves the editor, and what was written is there again", async () => {
  answer("post", "/aam/approvals/a1/preview", { diff: [], samples });
  const { user } = open("/approvals/a1");
  await screen.findByRole("button", { name: "Edit" });
  await user.keyboard("e");
  const line = await screen.findByLabelText("Rule 1");
  await waitFor(() => expect(line).toHaveFocus());
  await user.clear(line);
  await user.type(line, "fax -> phone{Escape}");
  await waitFor(() => expect(screen.queryByLabelText("Rule 1")).toBeNull());
  await user.click(screen.getByRole("button", { name: "Edit" }));
  expect(await screen.findByLabelText("Rule 1")).toHaveValue("fax -> phone");
});
