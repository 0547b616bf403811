/** Streams of events that tests of the flow send, and break off. */
import { http, HttpResponse } from "msw";

import { server } from "@/test/server";

/** A stream whose events are sent when the test wants it. */
export function streamed() {
  let send: (text: string) => void = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      send = (text) => controller.enqueue(new TextEncoder().encode(text));
    },
  });
  server.use(
    http.get(
      `${window.location.origin}/api/v1/events/stream`,
      () => new HttpResponse(body, { headers: { "Content-Type": "text/event-stream" } }),
    ),
  );
  return (each: object & { id: string }) => send(`id: ${each.id}\ndata: ${JSON.stringify(each)}\n\n`);
}

/** A stream that breaks off when the test wants it, and sends what it missed when it is opened anew. */
export function breaking() {
  let close: () => void = () => {};
  let missed: (object & { id: string })[] | null = null;
  const sse = { headers: { "Content-Type": "text/event-stream" } };
  let isFirst = true;
  server.use(
    http.get(`${window.location.origin}/api/v1/events/stream`, () => {
      if (isFirst) {
        isFirst = false;
        return new HttpResponse(new ReadableStream({ start: (controller) => (close = () => controller.close()) }), sse);
      }
      if (missed === null) return new HttpResponse(null, { status: 503 });
      const frames = missed.map((each) => `id: ${each.id}\ndata: ${JSON.stringify(each)}\n\n`).join("");
      return new HttpResponse(
        new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(frames)) }),
        sse,
      );
    }),
  );
  return { break: () => close(), send: (events: (object & { id: string })[]) => (missed = events) };
}
