/**
 * The log-in of this browser. The access token lives in memory alone; the refresh token is in a cookie no script can
 * read. Refreshing is done once at a time, over all tabs: a refresh token serves once, and two tabs that used the same
 * one would end the log-in. Logging in and out is in `log-in.ts`.
 */
import { mayBeLoggedIn, rememberLogIn } from "@/api/log-in-hint";
import { problemOf } from "@/api/problem";

export interface Tokens {
  access_token: string;
  expires_in: number;
  tenant_id: string;
}

/** `unknown` until the cookie was tried once. */
export interface Session {
  status: "unknown" | "out" | "in";
  tenantId: string | null;
}

/** Another tab went to another organisation: what this page was about to do would have happened there. */
export class OrganisationChanged extends Error {
  constructor() {
    super("Another tab switched to another organisation. Nothing was done; look again before you repeat it.");
    this.name = "OrganisationChanged";
  }
}

export const AUTH = "/api/v1/auth";
export const OUR_PAGE = { "X-Requested-With": "dashboard" };
const LOCK = "autonomos-refresh";
const EARLY_MS = 30_000;
const UNKNOWN: Session = { status: "unknown", tenantId: null };

let session: Session = UNKNOWN;
let held: { token: string; until: number } | null = null;
let refreshing: Promise<string | null> | null = null;
const listeners = new Set<(now: Session, before: Session) => void>();

export function currentSession(): Session {
  return session;
}

/** Called when somebody logs in or out, or the organisation is another one. */
export function onSession(listener: (now: Session, before: Session) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A token that is good for a while yet; null when nobody is logged in here. */
export async function accessToken(): Promise<string | null> {
  if (held !== null && held.until - EARLY_MS > Date.now()) return held.token;
  if (session.status === "unknown" && !mayBeLoggedIn()) leave();
  if (session.status === "out") return null;
  refreshing ??= refresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Forget a token that the API refused; the next call asks for another one. */
export function dropToken(token: string): void {
  if (held?.token === token) held = null;
}

/** Take what a log-in, switch or accepted invitation gave. */
export function accept(tokens: Tokens): void {
  held = { token: tokens.access_token, until: Date.now() + tokens.expires_in * 1000 };
  rememberLogIn(true);
  become({ status: "in", tenantId: tokens.tenant_id });
}

/** Nobody is logged in here any more. */
export function leave(): void {
  held = null;
  become({ status: "out", tenantId: null });
}

/** As a page begins; for tests. */
export function forgetEverything(): void {
  held = null;
  refreshing = null;
  session = UNKNOWN;
}

async function refresh(): Promise<string | null> {
  const work = async (): Promise<string | null> => {
    const answer = await fetch(`${AUTH}/refresh`, { method: "POST", headers: OUR_PAGE });
    if (answer.status === 401 || answer.status === 403) {
      leave();
      return null;
    }
    if (!answer.ok) throw await problemOf(answer);
    const tokens = (await answer.json()) as Tokens;
    accept(tokens);
    return tokens.access_token;
  };
  return "locks" in navigator ? navigator.locks.request(LOCK, work) : work();
}

function become(now: Session): void {
  const before = session;
  if (before.status === now.status && before.tenantId === now.tenantId) return;
  session = now;
  if (now.status === "out") rememberLogIn(false);
  listeners.forEach((listener) => listener(now, before));
}

/**
 * `fetch` with the token of this log-in. A token that ran out early is changed once; what was meant for one
 * organisation is never sent to another.
 */
export async function authorisedFetch(request: Request): Promise<Response> {
  const meant = session.tenantId;
  const again = request.clone();
  const token = await accessToken();
  if (meant !== null && session.status === "in" && session.tenantId !== meant) throw new OrganisationChanged();
  const answer = await send(request, token);
  if (answer.status !== 401 || token === null) return answer;
  dropToken(token);
  const newer = await accessToken();
  if (newer === null) return answer;
  if (session.tenantId !== meant && meant !== null) throw new OrganisationChanged();
  return send(again, newer);
}

function send(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  return fetch(request);
}
