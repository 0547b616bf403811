import { fireEvent, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { published, view } from "@/features/views/published.test-data";
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
  await user.click(await screen.findByRole("button", { name: "Clear filters and search" }));
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
  expect(screen.getByText("3 rows")).toBeVisible();
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

test("a time that is named shows what was the newest then", async () => {
  const asked = published();
  const snapshot = (id: number, at: string) => ({
    snapshot_id: id, published_at: at, current: id === 7, views: { accounts: 2 },
  }); // prettier-ignore
  answer("get", "/dcl/snapshots", {
    items: [snapshot(7, "2026-03-01T08:00:00Z"), snapshot(4, "2026-02-01T08:00:00Z")],
  });
  const { user, router } = open("/views/accounts");
  await user.click(await screen.findByRole("button", { name: "As of: Newest" }));
  const field = await screen.findByLabelText("As it was at");
  await screen.findByText("2 rows, the newest now");
  fireEvent.change(field, { target: { value: "2026-01-01T08:00:00" } });
  expect(await screen.findByText("Nothing that old is kept")).toBeVisible();
  fireEvent.change(field, { target: { value: "2026-02-10T08:00:00" } });
  await user.click(screen.getByRole("button", { name: /Show that of 1 Feb 2026/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ as_of: 4 }));
  await waitFor(() => expect(asked.at(-1)).toContain("as_of=4"));
});

test("rows that the filters leave are counted by themselves where that is little work", async () => {
  const asked = published();
  const page = { columns: [], snapshot_id: 7, published_at: "2026-03-01T08:00:00Z" };
  server.use(
    http.get(`${window.location.origin}/api/v1/dcl/views/accounts/rows`, ({ request }) => {
      const isCount = new URL(request.url).searchParams.get("count") === "exact";
      const cursor = new URL(request.url).searchParams.get("cursor");
      if (cursor !== null) return new Promise<never>(() => {});
      return HttpResponse.json({
        ...page,
        rows: [{ _entity_id: "1a", name: "Acme" }],
        next_cursor: "c",
        total: isCount ? 2 : null,
      });
    }),
  );
  open("/views/accounts?q=ac");
  expect(await screen.findByText("2 of 3 rows fit")).toBeVisible();
  expect(asked).toEqual([]);
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
