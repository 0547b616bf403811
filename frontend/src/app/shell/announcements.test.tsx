import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { neverAnswer, server } from "@/test/server";

/** A stream that tells these events and stays open. */
function telling(...events: { id: string; at: string; stream: string }[]): void {
  const frames = events.map(({ id, at, stream }) => {
    const data = { proposal_id: `p-${id}`, stream };
    return `id: ${id}\ndata: ${JSON.stringify({ id, kind: "approval.opened", at, actor: null, trace_id: null, data })}\n\n`;
  });
  server.use(
    http.get(`${window.location.origin}/api/v1/events/stream`, () => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(frames.join(""))),
      });
      return new HttpResponse(body, { headers: { "Content-Type": "text/event-stream" } });
    }),
  );
}

test("a repair that begins to wait is told, and leads there", async () => {
  beLoggedIn();
  telling({ id: "1-0", at: new Date().toISOString(), stream: "contacts" });
  neverAnswer("get", "/aam/approvals/p-1-0");
  const { user, router } = open("/team");
  expect(await screen.findByText("A repair of contacts waits for a decision")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Look at it" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/approvals/p-1-0"));
});

test("several are one note, and what is old is none", async () => {
  beLoggedIn();
  const now = new Date().toISOString();
  telling(
    { id: "1-0", at: now, stream: "contacts" },
    { id: "2-0", at: now, stream: "accounts" },
    { id: "3-0", at: "2020-01-01T00:00:00Z", stream: "leads" },
  );
  open("/team");
  expect(await screen.findByText("2 repairs wait for a decision")).toBeVisible();
});

test("who may not decide is not called", async () => {
  beLoggedIn({ permissions: ["members.read", "drift.read", "connections.read"] });
  telling({ id: "1-0", at: new Date().toISOString(), stream: "contacts" });
  open("/team");
  await screen.findByRole("heading", { name: "Team" });
  await screen.findByRole("status", { name: /^Live/ });
  expect(screen.queryByText(/waits? for a decision/)).toBeNull();
});
