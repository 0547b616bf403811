/** What is known of a part in figures: only what was told, so for many parts and people it is nothing. */
import type { Known } from "@/features/architecture/known";
import type { Part } from "@/features/architecture/parts";
import { formatCount, formatSeconds } from "@/ui/numbers";

export interface Fact {
  name: string;
  value: string;
}

const DEPENDENCY_NAMES: Record<string, string> = {
  database: "Database",
  identity: "Log-in of identities",
  redis: "Valkey",
  dagster: "Webserver",
};

export function factsOf(part: Part, known: Known): Fact[] {
  return [...dependencyFacts(part, known), ...ownFacts(part.id, known)];
}

function dependencyFacts(part: Part, { dependencies }: Known): Fact[] {
  const mine = dependencies?.filter(({ name }) => part.asked?.includes(name)) ?? [];
  return mine.map(({ name, version, latency_ms: ms, problem }) => ({
    name: DEPENDENCY_NAMES[name] ?? name,
    value: problem ?? `${version ?? "says no version"}, answered in ${formatSeconds(ms / 1000)}`,
  }));
}

function ownFacts(id: string, { connections, publication, queues, versions }: Known): Fact[] {
  switch (id) {
    case "app":
      return versions === undefined
        ? []
        : [
            { name: "Version", value: versions.application },
            { name: "Revision", value: versions.revision ?? "not told at build time" },
            { name: "Python", value: versions.python },
          ];
    case "postgres":
      return versions === undefined
        ? []
        : [{ name: "Migration", value: `${versions.migration ?? "none"}, newest ${versions.newest_migration}` }];
    case "webserver":
      return versions === undefined ? [] : [{ name: "Dagster", value: versions.packages["dagster"] ?? "unknown" }];
    case "lake":
      return versions === undefined ? [] : [{ name: "DuckDB", value: versions.packages["duckdb"] ?? "unknown" }];
    case "dispatcher":
      return queues === undefined ? [] : [{ name: "Wake-up calls not heard", value: formatCount(queues.nudges) }];
    case "worker":
      return queues === undefined ? [] : [{ name: "Runs no worker has taken", value: formatCount(queues.broker) }];
    case "valkey":
      return queues === undefined ? [] : [{ name: "Batches not acknowledged", value: formatCount(queues.batches.pending) }];
    case "sources":
      return kindsOf(connections ?? []);
    case "published":
      return Object.entries(publication?.rows ?? {}).map(([name, rows]) => ({
        name,
        value: `${formatCount(rows)} rows`,
      }));
    default:
      return [];
  }
} // prettier-ignore

function kindsOf(connections: NonNullable<Known["connections"]>): Fact[] {
  const counts = new Map<string, number>();
  for (const { kind } of connections) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ name: kind, value: formatCount(count) }));
}
