import { expect, test, vi } from "vitest";

import { followStream, type Gap, type LiveEvent, type LiveState } from "@/live/event-stream";
import { takeFrames } from "@/live/frames";

const event = (id: string, kind: string, data: object = {}) =>
  `id: ${id}\ndata: ${JSON.stringify({ id, kind, at: "2026-01-10T12:00:00Z", trace_id: null, actor: "ann", data })}\n\n`;

test("frames may come in pieces, and end with either kind of line", () => {
  const first = takeFrames('retry: 2000\n\nid: 1-0\r\ndata: {"a":');
  expect(first.frames).toEqual([]);
  const second = takeFrames(`${first.rest}1}\r\n\r\n: here\nid: 2-0\n\n`);
  expect(second.frames).toEqual([
    { id: "1-0", event: "message", data: '{"a":1}' },
    { id: "2-0", event: "message", data: "" },
  ]);
  expect(second.rest).toBe("");
});

test("lines of data are put together, half a line end waits", () => {
  expect(takeFrames("data: a\ndata:b\n\n").frames[0]?.data).toBe("a\nb");
  expect(takeFrames("data: a\r").rest).toBe("data: a\r");
});

/** A server that gives these answers one after the other, and then none any more. */
async function follow(answers: (string | number)[]) {
  const events: LiveEvent[] = [];
  const gaps: Gap[] = [];
  const states: LiveState[] = [];
  const asked: (string | null)[] = [];
  const done = new AbortController();
  const open = async (request: Request) => {
    const next = answers[asked.length];
    asked.push(request.headers.get("Last-Event-ID"));
    if (next === undefined) {
      done.abort();
      throw new TypeError("Failed to fetch");
    }
    return typeof next === "number" ? new Response(null, { status: next }) : new Response(next);
  };
  const options = {
    url: "http://localhost/stream",
    open,
    retryMs: 1,
    onEvent: (one: LiveEvent) => events.push(one),
    onGap: (gap: Gap) => gaps.push(gap),
    onState: (state: LiveState) => states.push(state),
  };
  await followStream(options, done.signal);
  return { events, gaps, states, asked };
}

test("a broken stream goes on behind the last id, heartbeats included", async () => {
  const { events, asked } = await follow([
    event("1-0", "sync.started", { stream: "contacts" }) + ": here\nid: 4-0\n\n",
    event("5-0", "sync.succeeded"),
  ]);
  expect(events.map((one) => one.kind)).toEqual(["sync.started", "sync.succeeded"]);
  expect(events[0]).toMatchObject({ id: "1-0", actor: "ann", data: { stream: "contacts" } });
  expect(asked).toEqual([null, "4-0", "5-0"]);
});

test("a gap is handed on, and the server's last words are no event", async () => {
  const { events, gaps } = await follow([
    'event: gap\ndata: {"from":"1-0","to":"9-0","reason":"not_kept"}\n\nevent: closing\ndata: {"reason":"shutting_down"}\n\n',
  ]);
  expect(gaps).toEqual([{ from: "1-0", to: "9-0", reason: "not_kept" }]);
  expect(events).toEqual([]);
});

test("a refused stream is waited for, not taken as live", async () => {
  const { states } = await follow([503, event("1-0", "sync.started")]);
  expect(states).toEqual(["connecting", "waiting", "connecting", "live", "waiting", "connecting"]);
});

test("a stream without a sign of life is given up", async () => {
  vi.useFakeTimers();
  const done = new AbortController();
  const open = vi.fn(
    (request: Request) =>
      new Promise<Response>((_, fail) => request.signal.addEventListener("abort", () => fail(new Error("silent")))),
  );
  const following = followStream(
    { url: "http://localhost/stream", open, silenceMs: 100, retryMs: 10, onEvent() {}, onGap() {}, onState() {} },
    done.signal,
  );
  await vi.advanceTimersByTimeAsync(150);
  expect(open).toHaveBeenCalledTimes(2);
  done.abort();
  await following;
  vi.useRealTimers();
});

test("a network that goes ends the stream at once, and one that comes is used at once", async () => {
  const states: LiveState[] = [];
  const done = new AbortController();
  const open = (request: Request) =>
    new Promise<Response>((resolve, reject) => {
      if (states.length > 1) return resolve(new Response(new ReadableStream()));
      request.signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const onState = (state: LiveState) => states.push(state);
  const url = "http://localhost/stream";
  void followStream({ url, open, onState, onEvent: vi.fn(), onGap: vi.fn(), retryMs: 600_000 }, done.signal);
  window.dispatchEvent(new Event("offline"));
  await vi.waitFor(() => expect(states).toEqual(["connecting", "waiting"]));
  window.dispatchEvent(new Event("online"));
  await vi.waitFor(() => expect(states).toEqual(["connecting", "waiting", "connecting", "live"]));
  done.abort();
});
