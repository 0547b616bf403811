/** Mappings as the API answers them, for tests. */
import type { Mapping } from "@/features/connections/mappings-query";
import type { ProposedMapping } from "@/features/connections/proposed-mapping-query";

const RULE = {
  line: "email -> email",
  source: "email",
  target: "email",
  transform: { kind: "cast" as const, args: {} },
  probability: 0.97,
  decided_by: "policy",
  evidence: ["named email"],
  since: 0,
  until: null,
};

export function sampleMapping(change: Partial<Mapping> = {}): Mapping {
  return {
    connection_id: "c1",
    connection: "CRM",
    stream: "accounts",
    version: 1,
    entity: "account",
    is_in_force: true,
    reason: "first mapping",
    decided_by: "policy",
    decided_at: "2026-01-10T12:00:00Z",
    rules: [RULE],
    ...change,
  };
}

export function sampleProposal(change: Partial<ProposedMapping> = {}): ProposedMapping {
  return {
    stream: "accounts",
    records: 20,
    entity: "account",
    entity_probability: 0.99,
    entity_evidence: ["6 fields are named as in account"],
    is_applied: true,
    apply_at: 0.85,
    rules: [
      { ...RULE, is_applied: true },
      { ...RULE, line: "company -> name", source: "company", target: "name", probability: 0.61, is_applied: false },
    ],
    unmapped: ["score"],
    ...change,
  };
}
