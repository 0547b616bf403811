/** Logging in, registering, joining, switching and leaving: whatever gives tokens or ends them. */
import { problemOf } from "@/api/problem";
import { accept, accessToken, AUTH, leave, OUR_PAGE, type Tokens } from "@/api/session";
import type { Schemas } from "@/api/types";

type Without<T> = Omit<T, "cookie">;

export async function logIn(wanted: Without<Schemas["LoginIn"]>): Promise<void> {
  accept(await post<Tokens>("login", { ...wanted, cookie: true }));
}

export async function register(wanted: Without<Schemas["RegisterIn"]>): Promise<void> {
  accept(await post<Tokens>("register", { ...wanted, cookie: true }));
}

/** `asMember`: by the log-in this browser has, which has to be that of the invited address. */
export async function acceptInvitation(
  wanted: Without<Schemas["api__schemas__members__AcceptIn"]>,
  asMember: boolean,
): Promise<void> {
  const token = asMember ? await accessToken() : null;
  accept(await post<Tokens>("invitations/accept", { ...wanted, cookie: true }, token));
}

export async function switchTenant(tenantId: string): Promise<void> {
  accept(await post<Tokens>("switch", { tenant_id: tenantId, cookie: true }, await accessToken()));
}

export async function logOut(): Promise<void> {
  await end("logout");
}

export async function logOutEverywhere(): Promise<void> {
  await end("logout-all");
}

/** What an invitation offers; needs no log-in. */
export function showInvitation(token: string): Promise<Schemas["InvitationShownOut"]> {
  return post("invitations/show", { token });
}

async function end(path: string): Promise<void> {
  const token = await accessToken();
  if (token !== null) await post(path, null, token);
  leave();
}

async function post<T>(path: string, body: unknown, token: string | null = null): Promise<T> {
  const headers: Record<string, string> = { ...OUR_PAGE };
  if (body !== null) headers["Content-Type"] = "application/json";
  if (token !== null) headers["Authorization"] = `Bearer ${token}`;
  const answer = await fetch(`${AUTH}/${path}`, {
    method: "POST",
    headers,
    body: body === null ? null : JSON.stringify(body),
  });
  if (!answer.ok) throw await problemOf(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
