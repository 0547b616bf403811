import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { client } from "@/api/client";
import { accept, accessToken, authorisedFetch, currentSession, onSession, OrganisationChanged } from "@/api/session";
import { ACME, GLOBEX, me, tokens } from "@/test/log-in";
import { server } from "@/test/server";

const AUTH = `${window.location.origin}/api/v1/auth`;

function refreshing(answers: () => Response): () => number {
  window.localStorage.setItem("autonomos-was-logged-in", String(Date.now()));
  let asked = 0;
  server.use(
    http.post(`${AUTH}/refresh`, ({ request }) => {
      asked += 1;
      expect(request.headers.get("X-Requested-With")).toBe("dashboard");
      return answers();
    }),
  );
  return () => asked;
}

test("many who need a token at once ask for one", async () => {
  const asked = refreshing(() => HttpResponse.json(tokens()));
  expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual(["token-1", "token-1", "token-1"]);
  expect(asked()).toBe(1);
});

test("tabs take turns: the refresh runs under a lock of the browser", async () => {
  refreshing(() => HttpResponse.json(tokens()));
  const request = vi.fn((_name: string, work: () => unknown) => work());
  Object.defineProperty(navigator, "locks", { configurable: true, value: { request } });
  expect(await accessToken()).toBe("token-1");
  expect(request).toHaveBeenCalledWith("autonomos-refresh", expect.any(Function));
  Reflect.deleteProperty(navigator, "locks");
});

test("a log-in that has run out since is not asked for", async () => {
  const asked = refreshing(() => new HttpResponse(null, { status: 401 }));
  window.localStorage.setItem("autonomos-was-logged-in", String(Date.now() - 31 * 86_400_000));
  expect(await accessToken()).toBeNull();
  expect(asked()).toBe(0);
});

test("a first visit asks for no refresh that has to fail", async () => {
  expect(await accessToken()).toBeNull();
  expect(currentSession().status).toBe("out");
});

test("a refused refresh ends the log-in, and is not asked for again", async () => {
  const asked = refreshing(() => HttpResponse.json({ title: "no" }, { status: 401 }));
  expect(await accessToken()).toBeNull();
  expect(await accessToken()).toBeNull();
  expect(asked()).toBe(1);
});

test("a server that is away ends nothing", async () => {
  refreshing(() => new HttpResponse("gone", { status: 503, headers: { "Retry-After": "2" } }));
  await expect(accessToken()).rejects.toMatchObject({ status: 503, retryAfterS: 2 });
  expect(currentSession().status).toBe("unknown");
});

test("a token refused early is changed once, and the request is sent again", async () => {
  accept({ ...tokens(), access_token: "old" });
  const asked = refreshing(() => HttpResponse.json(tokens()));
  const seen: (string | null)[] = [];
  server.use(
    http.get(`${AUTH}/me`, ({ request }) => {
      seen.push(request.headers.get("Authorization"));
      return seen.length === 1 ? HttpResponse.json({ title: "no" }, { status: 401 }) : HttpResponse.json(me());
    }),
  );
  const { data } = await client.GET("/api/v1/auth/me");
  expect(data?.tenant.name).toBe("Acme");
  expect(seen).toEqual(["Bearer old", "Bearer token-1"]);
  expect(asked()).toBe(1);
});

test("what was meant for one organisation is not sent to another", async () => {
  accept({ ...tokens(ACME.id), expires_in: 0 });
  refreshing(() => HttpResponse.json(tokens(GLOBEX.id)));
  const told = vi.fn();
  const stop = onSession(told);
  const request = new Request(`${AUTH}/api-keys`, { method: "POST", body: "{}" });
  await expect(authorisedFetch(request)).rejects.toBeInstanceOf(OrganisationChanged);
  expect(told).toHaveBeenCalledWith({ status: "in", tenantId: GLOBEX.id }, { status: "in", tenantId: ACME.id });
  stop();
});
