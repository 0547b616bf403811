/** A connection as the API answers it, for tests. */
import type { Connection, Schemas } from "@/api/types";

const AT = "2026-01-10T12:00:00Z";
const NOTHING = { read: 0, loaded: 0, rejected: 0, unchanged: 0, deleted: 0, held: 0, replayed: 0, rederived: 0 };

export function sampleSync(change: Partial<Schemas["SyncDetailOut"]> = {}): Schemas["SyncDetailOut"] {
  return {
    id: "s1",
    connection_id: "c1",
    kind: "sync",
    status: "succeeded",
    requested_by: "ann@acme.example",
    requested_at: AT,
    started_at: AT,
    finished_at: AT,
    duration_s: 3.2,
    is_sample: false,
    counts: { ...NOTHING, read: 1200, loaded: 40, rejected: 3, unchanged: 1157 },
    balances: true,
    error: null,
    streams: {
      accounts: { ...NOTHING, read: 1200, loaded: 40, rejected: 3, unchanged: 1157, balances: true, error: null },
    },
    ...change,
  };
}

export function sampleConnection(change: Partial<Connection> = {}): Connection {
  return {
    id: "c1",
    name: "CRM",
    kind: "files",
    config: { path: "accounts.csv" },
    status: "active",
    error: null,
    safe_mode: false,
    safe_mode_lifted_by: null,
    safe_mode_lifted_at: null,
    risk_level: "low",
    scopes_mode: "read_only",
    namespace: "",
    owner: "ann@acme.example",
    credential_locator: null,
    schedule: "900s",
    next_due_at: "2099-01-01T00:00:00Z",
    last_success_at: AT,
    failures_in_a_row: 0,
    created_at: AT,
    updated_at: AT,
    last_sync: sampleSync(),
    open_drift: 0,
    breaking_drift: 0,
    open_approvals: 0,
    ...change,
  };
}

export const FILES_KIND: Schemas["KindOut"] = {
  kind: "files",
  description: "A folder, file or glob of CSV, JSON, Parquet and XLSX.",
  capabilities: {
    incremental: true,
    detects_deletes: true,
    declares_types: true,
    bulk: false,
    change_stream: false,
    has_credentials: false,
  },
  config_schema: {
    properties: {
      path: { type: "string" },
      propose: { anyOf: [{ type: "boolean" }, { type: "null" }], default: null },
    },
    required: ["path"],
  },
  secret_fields: [],
};

export const SUPABASE_KIND: Schemas["KindOut"] = {
  ...FILES_KIND,
  kind: "supabase",
  capabilities: { ...FILES_KIND.capabilities, has_credentials: true },
  config_schema: {
    properties: {
      url: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
      key: { anyOf: [{ type: "string", format: "password" }, { type: "null" }], default: null },
      db_schema: { type: "string", default: "public" },
      tables: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }], default: null },
      page_records: { type: "integer", default: 10000 },
    },
  },
  secret_fields: ["key"],
};

export const STREAM: Schemas["StreamOut"] = {
  name: "accounts",
  label: null,
  description: null,
  fields: ["id", "name", "email"].map((name) => ({
    name,
    type: "text",
    nullable: name !== "id",
    label: null,
    description: null,
    mix: {},
  })),
  primary_key: ["id"],
  key_origin: "proposed",
  mode: "snapshot",
  modes: ["snapshot", "append"],
  cursor_field: null,
  detects_deletes: true,
  choice: { enabled: true, mode: null, columns: null, drop: [], hash: [], cursor_field: null },
};
