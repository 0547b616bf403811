/** The view accounts as tests have it answered. */
import { beLoggedIn } from "@/test/log-in";
import { answer } from "@/test/server";

export const AT = "2026-03-01T08:00:00Z";
export const CRM = "c0000000-0000-4000-8000-000000000001";
const column = (name: string, type = "text") => ({ name, type, description: `What ${name} is`, required: false });
export const view = (change: Record<string, unknown> = {}) => ({
  name: "accounts", entity: "account", custom: false, rows: 3, joined: 1, snapshot_id: 7, published_at: AT,
  newest_source_change: AT, sources: [{ connection_id: CRM, connection: "CRM", records: 4 }],
  columns: [
    column("_entity_id"), column("account_id"), column("name"), column("annual_revenue", "decimal"), column("fax"),
    column("_source_count", "integer"),
  ],
  ...change,
}); // prettier-ignore
export const row = (id: string, name: string, revenue: string | null) => ({
  _entity_id: id, account_id: `a-${id}`, name, annual_revenue: revenue, _source_count: 1,
}); // prettier-ignore
const page = (rows: ReturnType<typeof row>[]) => ({
  columns: [], rows, next_cursor: null, snapshot_id: 7, published_at: AT, total: null,
}); // prettier-ignore
const coverage = {
  streams: [],
  views: [
    {
      view: "accounts",
      rows: 3,
      columns: [
        { column: "name", filled: 1, sources: ["CRM/Account"] },
        { column: "fax", filled: 0, sources: [] },
      ],
    },
  ],
  snapshot_id: 7,
};

/** Logged in, with two rows of accounts; gives what its rows were asked. */
export function published(
  rows: ReturnType<typeof row>[] = [row("1a", "Acme", "1250000.50"), row("2b", "Globex", null)],
): string[] {
  const asked: string[] = [];
  beLoggedIn();
  answer("get", "/dcl/views/accounts", view());
  answer("get", "/dcl/coverage", coverage);
  answer("get", "/dcl/snapshots", { items: [] });
  answer("get", "/dcl/views/accounts/rows", page(rows), { heard: ({ url }) => asked.push(new URL(url).search) });
  return asked;
}
