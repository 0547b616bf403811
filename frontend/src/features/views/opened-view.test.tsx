import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { published, view } from "@/features/views/published.test-data";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer, refuse, server } from "@/test/server";

test("rows show as they are: whole numbers of text keep their digits, nothing is a dash", async () => {
  const asked = published();
  open("/views/accounts");
  expect(await screen.findByRole("gridcell", { name: "1,250,000.50" })).toBeVisible();
  expect(screen.getByRole("img", { name: "no value" })).toBeVisible();
  // A column that is empty everywhere is left out, the name stands first.
  const heads = screen.getAllByRole("columnheader").map((head) => head.textContent);
  expect(heads[0]).toBe("Name");
  expect(heads).not.toContain("Fax");
  expect(asked[0]).toContain("as_of=7");
});

test("order, search and filters are asked of the API and stand in the address", async () => {
  const asked = published();
  const { user, router } = open("/views/accounts");
  await user.click(await screen.findByRole("button", { name: "Annual revenue" }));
  await waitFor(() => expect(asked.at(-1)).toContain("sort=annual_revenue"));
  await user.type(screen.getByRole("searchbox"), "ac");
  await waitFor(() => expect(asked.at(-1)).toContain("q=ac"));
  await user.click(screen.getByRole("button", { name: "Filter" }));
  await user.click(await screen.findByRole("button", { name: "Apply" }));
  expect(await screen.findByText("Give a value")).toBeVisible();
  await user.type(screen.getByLabelText("Value"), "me");
  await user.click(screen.getByRole("button", { name: "Apply" }));
  await waitFor(() => expect(decodeURIComponent(asked.at(-1) ?? "")).toContain("where=name:contains:me"));
  expect(router.state.location.search).toEqual({ sort: "annual_revenue", q: "ac", where: ["name:contains:me"] });
  await user.click(screen.getByRole("button", { name: /Take away: Name contains/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ sort: "annual_revenue", q: "ac" }));
});

test("filters that leave nothing can be taken away; a filter the API refuses is told", async () => {
  published([]);
  const { user, router } = open("/views/accounts?q=zzz");
  await user.click(await screen.findByRole("button", { name: "Take filters and search away" }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  refuse("get", "/dcl/views/accounts/rows", { status: 422, title: "That cannot be asked" });
  await router.navigate({ to: "/views/accounts", search: { where: ["name:lt"] } as never });
  expect(await screen.findByText("That cannot be asked")).toBeVisible();
});

test("something newer is announced and moves nothing until it is wanted", async () => {
  const asked = published();
  const { user, client } = open("/views/accounts");
  await screen.findByRole("gridcell", { name: "Acme" });
  answer("get", "/dcl/views/accounts", view({ snapshot_id: 9, rows: 4 }));
  await client.invalidateQueries();
  const show = await screen.findByRole("button", { name: "Newer data is published: show it" });
  expect(asked.some((each) => each.includes("as_of=9"))).toBe(false);
  await user.click(show);
  await waitFor(() => expect(asked.at(-1)).toContain("as_of=9"));
});

test("a publication that is kept no more leads to the newest", async () => {
  const asked = published();
  server.use(
    http.get(`${window.location.origin}/api/v1/dcl/views/accounts/rows`, ({ request }) =>
      new URL(request.url).searchParams.get("as_of") === "3"
        ? HttpResponse.json({ type: "/problems/snapshot-gone", title: "Gone", status: 410 }, { status: 410 })
        : undefined,
    ),
  );
  const { user } = open("/views/accounts?as_of=3");
  expect(await screen.findByText("This publication cannot be read any more")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show the newest" }));
  expect(await screen.findByRole("gridcell", { name: "Acme" })).toBeVisible();
  expect(asked.at(-1)).toContain("as_of=7");
});

test("an export takes the filters along", async () => {
  published();
  const asked: string[] = [];
  URL.createObjectURL = vi.fn(() => "blob:1");
  URL.revokeObjectURL = vi.fn();
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  server.use(
    http.get(`${window.location.origin}/api/v1/dcl/views/accounts/export`, ({ request }) => {
      asked.push(new URL(request.url).search);
      return new HttpResponse("a,b\n");
    }),
  );
  const { user } = open("/views/accounts?q=acme");
  await user.click(await screen.findByRole("button", { name: "Export" }));
  await user.click(await screen.findByText("Parquet"));
  expect(await screen.findByText("accounts-7.parquet is in your downloads.")).toBeVisible();
  expect(asked[0]).toContain("q=acme");
  expect(asked[0]).toContain("format=parquet");
});

test("who may not export has no button for it", async () => {
  published();
  beLoggedIn({ permissions: ["views.read"] });
  open("/views/accounts");
  expect(await screen.findByRole("gridcell", { name: "Acme" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Export" })).toBeNull();
});

test("a listing is kept in this browser and found again", async () => {
  published();
  const { user, router } = open("/views/accounts?q=acme");
  await user.click(await screen.findByRole("button", { name: "Saved" }));
  await user.type(await screen.findByLabelText("Keep this one as"), "Mine");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await router.navigate({ to: "/views/accounts", search: {} as never });
  await user.click(await screen.findByRole("button", { name: "Mine" }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ q: "acme" }));
});
