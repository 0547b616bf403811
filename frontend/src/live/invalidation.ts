/** Which queries are out of date after an event: one table, and one place that acts on it. */
import type { QueryClient } from "@tanstack/react-query";

import type { Topic } from "@/api/topics";

/** The longest prefix of an event's kind counts. What has no line changes nothing that is asked for. */
const STALE_AFTER: Record<string, readonly Topic[]> = {
  sync: ["syncs", "connections", "state"],
  "sync.stream": ["syncs"],
  "sync.note": ["syncs"],
  "sync.succeeded": ["syncs", "connections", "state", "fingerprints", "rejects", "audit"],
  "sync.failed": ["syncs", "connections", "state", "rejects", "audit"],
  stage: ["state"],
  records: ["rejects", "approvals", "views", "syncs"],
  refresh: ["state", "tasks"],
  // Approvals and drift show records of what is published.
  "views.published": ["views", "rows", "entities", "ontology", "lineage", "state", "approvals", "drift"],
  drift: ["drift", "connections", "fingerprints", "approvals", "repair-metrics", "audit"],
  hold: ["drift", "rejects", "connections", "repair-metrics"],
  approval: ["approvals", "drift", "connections", "mappings", "repair-metrics", "audit"],
  mapping: ["mappings", "ontology", "lineage", "approvals", "drift", "repair-metrics", "audit"],
  repair: ["approvals", "mappings", "repair-metrics"],
  contract: ["contracts", "audit"],
  settings: ["settings", "llm-usage", "audit"],
  connection: ["connections", "state", "ontology", "lineage", "audit"],
  onboarding: ["intents", "audit"],
  task: ["tasks", "state"],
  "task.progress": ["tasks"],
};
const EVERY_MS = 500;

export function topicsOf(kind: string): readonly Topic[] {
  return STALE_AFTER[kind] ?? STALE_AFTER[kind.split(".")[0] ?? ""] ?? [];
}

/** Gathers what went out of date and asks for it anew at most twice a second, however many events come. */
export class Invalidator {
  private readonly waiting = new Set<Topic>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly client: QueryClient) {}

  after(kind: string): void {
    // The store of events lost some: nobody knows which.
    if (kind === "events.lost") return this.everything();
    for (const topic of topicsOf(kind)) this.waiting.add(topic);
    if (this.waiting.size > 0) this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  everything(): void {
    this.waiting.clear();
    void this.client.invalidateQueries();
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = null;
    for (const topic of this.waiting) void this.client.invalidateQueries({ queryKey: [topic] });
    this.waiting.clear();
  }
}
