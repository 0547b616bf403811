/** The API as tests answer for it; bodies have the types of the API document. */
import { http, HttpResponse, type JsonBodyType } from "msw";
import { setupServer } from "msw/node";

import type { Schemas } from "@/api/types";

const ORIGIN = window.location.origin;
const V1 = `${ORIGIN}/api/v1`;

export const server = setupServer();

type Method = "get" | "post" | "put" | "patch" | "delete";

/** One answer of one address; what was sent is handed to `heard`. */
export function answer(
  method: Method,
  path: string,
  body: JsonBodyType,
  options: { status?: number; headers?: Record<string, string>; heard?: (request: Request) => unknown } = {},
): void {
  const { status = body === null ? 204 : 200, headers, heard } = options;
  server.use(
    http[method](V1 + path, async ({ request }) => {
      await heard?.(request.clone());
      return body === null ? new HttpResponse(null, { status, headers }) : HttpResponse.json(body, { status, headers });
    }),
  );
}

/** An address that refuses, as the API refuses. */
export function refuse(
  method: Method,
  path: string,
  problem: Partial<Schemas["ProblemOut"]> & Record<string, unknown>,
  headers?: Record<string, string>,
): void {
  const body = { type: "/problems/conflict", title: "Refused", status: 409, ...problem };
  server.use(
    http[method](V1 + path, () =>
      HttpResponse.json(body as JsonBodyType, {
        status: body.status,
        headers: { "Content-Type": "application/problem+json", "X-Trace-Id": "abc123", ...headers },
      }),
    ),
  );
}

/** An address that answers when the test is over. */
export function neverAnswer(method: Method, path: string): void {
  server.use(http[method](V1 + path, () => new Promise<never>(() => {})));
}
