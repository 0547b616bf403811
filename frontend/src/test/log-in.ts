/** Somebody who is logged in, and a stream of events that stays silent. */
import { http, HttpResponse } from "msw";

import { accept } from "@/api/session";
import type { Me, Permission, Role, Schemas } from "@/api/types";
import { answer, server } from "@/test/server";

const EVERYTHING: Permission[] = [
  "views.read", "views.export", "connections.read", "connections.write", "secrets.write", "tasks.read", "tasks.write",
  "drift.read", "approvals.decide", "mappings.write", "settings.read", "settings.write", "members.read", "members.write",
  "keys.manage", "audit.read", "usage.read", "events.read", "tenant.reset",
]; // prettier-ignore

export const ACME = { id: "a0000000-0000-4000-8000-000000000001", name: "Acme", role: "owner" as Role };
export const GLOBEX = { id: "a0000000-0000-4000-8000-000000000002", name: "Globex", role: "viewer" as Role };
export const ANN = { id: "b0000000-0000-4000-8000-000000000001", email: "ann@acme.example", display_name: "Ann Lee" };

const NOTHING_RUNS: Schemas["TenantStateOut"] = {
  at: "2026-01-10T12:00:00Z",
  connections: [],
  connections_total: 0,
  publication: null,
  rebuilding: false,
  running: [],
  stale_since: null,
  tasks: [],
};

export function me(change: Partial<Me> = {}): Me {
  return {
    user: ANN,
    api_key_id: null,
    tenant: ACME,
    permissions: EVERYTHING,
    is_operator: false,
    tenants: [ACME, GLOBEX],
    ...change,
  };
}

export function tokens(tenantId: string = ACME.id) {
  return { access_token: "token-1", token_type: "Bearer", expires_in: 600, refresh_token: null, tenant_id: tenantId };
}

/** Logged in to Acme, with nothing in it that waits. */
export function beLoggedIn(change: Partial<Me> = {}): void {
  accept(tokens());
  silent();
  answer("get", "/auth/me", me(change), { headers: { ETag: '"me-1"' } });
}

/** An organisation in which nothing waits and nothing happens. */
export function silent(): void {
  answer("get", "/aam/approvals", { items: [], next_cursor: null });
  answer("get", "/aam/connections", { items: [], next_cursor: null });
  answer("get", "/auth/members", { items: [], next_cursor: null });
  answer("get", "/dcl/views", { items: [] });
  answer("get", "/aam/syncs", { items: [], next_cursor: null });
  answer("get", "/aoa/state", NOTHING_RUNS);
  server.use(
    http.get(
      `${window.location.origin}/api/v1/events/stream`,
      () => new HttpResponse(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } }),
    ),
  );
}
