import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer } from "@/test/server";

const page = () => ({ items: [], next_cursor: null }) as never;

beforeEach(() => {
  beLoggedIn();
  answer("get", "/aam/connections", page());
});

test("syncs are cut to a span that the address names, and the span can be taken away", async () => {
  let asked = new URLSearchParams();
  const heard = (request: Request) => (asked = new URL(request.url).searchParams);
  answer("get", "/aam/syncs", page(), { heard });
  const span = { kind: "sync", since: "2026-01-10T11:00:00.000Z", until: "2026-01-10T12:00:00.000Z" };
  const { user, router } = open(`/activity?${new URLSearchParams(span).toString()}`);
  expect(await screen.findByText("No sync ended in this span")).toBeVisible();
  expect(Object.fromEntries(asked)).toEqual({ ...span, limit: "50" });
  await user.click(screen.getByRole("button", { name: /^Take away: Ended from 10 Jan 2026.* to 10 Jan 2026/ }));
  await waitFor(() => expect(Object.fromEntries(asked)).toEqual({ kind: "sync", limit: "50" }));
  expect(router.state.location.search).toEqual({ kind: "sync" });
  expect(screen.queryByText(/^Ended from/)).toBeNull();
});

test("a span of syncs does not go along to another tab, and no span is read from what is no time", async () => {
  answer("get", "/aam/syncs", page());
  answer("get", "/aoa/tasks", page());
  const { user, router } = open("/activity?kind=sync&since=yesterday&until=2026-01-10T12:00:00Z");
  expect(await screen.findByText(/^Ended before 10 Jan 2026/)).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Tasks" }));
  expect(await screen.findByText("Nothing was asked for yet")).toBeVisible();
  expect(router.state.location.search).toEqual({ tab: "tasks" });
});
