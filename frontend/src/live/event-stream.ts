/**
 * Server-sent events over fetch, since EventSource can send no Authorization header: remembers the last id, comes back
 * by itself and asks for what it missed. A gap that the server reports is handed on, never hidden.
 */
import { takeFrames, type Frame } from "@/live/frames";

export interface LiveEvent {
  id: string;
  kind: string;
  at: string;
  actor: string | null;
  traceId: string | null;
  data: Record<string, unknown>;
}

/** Events between two places that nobody can tell any more. */
export interface Gap {
  from: string;
  to: string | null;
  reason: string;
}

/** `waiting`: the connection broke, and the next attempt is some seconds away. */
export type LiveState = "connecting" | "live" | "waiting";

export interface StreamOptions {
  url: string;
  /** Opens the stream; adds what proves who is asking, anew for each attempt, since tokens grow old. */
  open: (request: Request) => Promise<Response>;
  onEvent: (event: LiveEvent) => void;
  onGap: (gap: Gap) => void;
  onState: (state: LiveState) => void;
  /** Milliseconds without a byte after which the connection counts as dead: three heartbeats. */
  silenceMs?: number;
  /** The first wait after a break; doubles up to ten seconds. */
  retryMs?: number;
}

const LONGEST_WAIT_MS = 10_000;

/** Keep a stream open until the signal aborts. */
export async function followStream(options: StreamOptions, signal: AbortSignal): Promise<void> {
  let lastId: string | null = null;
  let attempt = 0;
  const remember = (id: string) => {
    lastId = id;
    attempt = 0;
  };
  while (!signal.aborted) {
    options.onState("connecting");
    try {
      await readOnce(options, lastId, remember, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Error)) throw error;
    }
    if (signal.aborted) return;
    options.onState("waiting");
    // With chance in it, so that not every tab of a company comes back in the same moment.
    const waitMs = Math.min(LONGEST_WAIT_MS, (options.retryMs ?? 500) * 2 ** attempt) * (0.5 + Math.random() / 2);
    attempt += 1;
    await pause(waitMs, signal);
  }
}

async function readOnce(
  options: StreamOptions,
  lastId: string | null,
  remember: (id: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  const silenceMs = options.silenceMs ?? 45_000;
  const end = () => silence.abort();
  let timer = setTimeout(end, silenceMs);
  // The browser knows sooner than silence does.
  window.addEventListener("offline", end);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId !== null) headers["Last-Event-ID"] = lastId;
    const either = AbortSignal.any([signal, silence.signal]);
    const answer = await options.open(new Request(options.url, { headers, signal: either, cache: "no-store" }));
    if (!answer.ok || answer.body === null) throw new Error(`the event stream answered ${answer.status}`);
    options.onState("live");
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(end, silenceMs);
      const { frames, rest } = takeFrames(buffer + decoder.decode(value, { stream: true }));
      buffer = rest;
      for (const frame of frames) deliver(options, frame, remember);
    }
  } finally {
    clearTimeout(timer);
    window.removeEventListener("offline", end);
  }
}

function deliver(options: StreamOptions, frame: Frame, remember: (id: string) => void): void {
  if (frame.data !== "" && frame.event !== "closing") {
    const body = JSON.parse(frame.data) as Record<string, unknown>;
    if (frame.event === "gap")
      options.onGap({ from: text(body["from"]) ?? "", to: text(body["to"]), reason: text(body["reason"]) ?? "" });
    else options.onEvent(eventOf(frame, body));
  }
  // After it was handed on: what broke on the way is asked for again.
  if (frame.id !== null && frame.id !== "") remember(frame.id);
}

function eventOf(frame: Frame, body: Record<string, unknown>): LiveEvent {
  const data = body["data"];
  return {
    id: frame.id ?? text(body["id"]) ?? "",
    kind: text(body["kind"]) ?? frame.event,
    at: text(body["at"]) ?? new Date().toISOString(),
    actor: text(body["actor"]),
    traceId: text(body["trace_id"]),
    data: typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {},
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** As long as said, or until the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    window.addEventListener("online", done);
  });
}
