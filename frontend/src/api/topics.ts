/**
 * What query keys begin with. A live event invalidates topics, so a query that begins with one is kept up to date by
 * itself: `queryKey: ["connections", id, "streams"]`. The table from events to topics is in `live/invalidation.ts`.
 */
export const TOPICS = [
  "me",
  "members",
  "invitations",
  "api-keys",
  "logins",
  "settings",
  "contracts",
  "secrets",
  "flags",
  "llm-usage",
  "audit",
  "connections",
  "syncs",
  "rejects",
  "files",
  "intents",
  "fingerprints",
  "drift",
  "approvals",
  "mappings",
  "repair-metrics",
  "views",
  "rows",
  "lineage",
  "ontology",
  "entities",
  "tasks",
  "state",
  "events",
  "platform",
] as const;

export type Topic = (typeof TOPICS)[number];
