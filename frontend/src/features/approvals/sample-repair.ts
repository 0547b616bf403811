/** A repair as the API answers it, for tests: `phone` comes as `mobile`. */
import type { Approval } from "@/api/types";
import type { WholeApproval } from "@/features/approvals/approval-query";

const AT = "2026-01-01T00:00:00Z";

export function repair(id: string, change: Partial<Approval> = {}): Approval {
  return {
    id,
    connection_id: "c1",
    connection: "CRM",
    stream: "people",
    entity: "contact",
    kind: "renamed",
    status: "open",
    severity: "breaking",
    drift_id: "d1",
    fields_before: ["phone"],
    fields_after: ["mobile"],
    probability: 0.72,
    reasons: ["0.72 is below 0.85"],
    views: ["contacts"],
    fields: ["contacts.phone"],
    records_held: 12,
    records: 40,
    diff: ["- phone -> phone", "+ mobile -> phone | trim"],
    base_version: 3,
    applied_version: null,
    created_at: AT,
    expires_at: "2099-01-08T00:00:00Z",
    escalated_at: null,
    decided_at: null,
    decided_by: null,
    note: null,
    ...change,
  };
}

const rule = {
  line: "mobile -> phone | trim",
  source: "mobile",
  target: "phone",
  transform: { kind: "trim" as const, args: {} },
  probability: 0.72,
  decided_by: "policy",
  evidence: [],
  since: 0,
  until: null,
};

export const samples = {
  rows: [
    {
      record_id: "7",
      before: { phone: "+1 555 0100" },
      after: { mobile: " +1 555 0100" },
      standing: { phone: null },
      proposed: { phone: "+1 555 0100" },
      problems: [],
    },
  ],
  snapshot_id: 4,
  published_at: AT,
  is_behind: false,
};

export function whole(id: string, change: Partial<WholeApproval> = {}): WholeApproval {
  return {
    ...repair(id),
    rules: [rule],
    changes: [{ target: "phone", before: null, after: rule }],
    candidates: [
      { number: 1, old: "phone", source: "mobile", line: "mobile -> phone | trim", probability: 0.72, evidence: [] },
      {
        number: 2,
        old: "phone",
        source: "fax",
        line: "fax -> phone",
        probability: 0.2,
        evidence: ["the type is the same"],
      },
    ],
    evidence: { equality: { compared: 40, equal: 31 } },
    evidence_in_words: ["31 of 40 records hold the same value under the new name"],
    shadow: { rows: 40, rejected: 1, reasons: { "phone: too long": 1 } },
    votes: [],
    needs_two: false,
    samples,
    ...change,
  };
}

export const outcome = {
  proposal_id: "a1",
  status: "approved",
  mapping_version: 4,
  sync_run_id: "s1",
  told: "Version 4 is in force; what was held is replayed.",
};

export const policy = {
  apply_at: 0.85, ask_at: 0.6, two_person: false, share_priors: false, watch_syncs: 3, approval_days: 7, slack_secret: null,
  llm: false, llm_model: null, llm_monthly_budget_usd: null,
}; // prettier-ignore

export const replay = {
  id: "s1",
  connection_id: "c1",
  kind: "replay",
  status: "succeeded",
  requested_by: "ann",
  requested_at: AT,
  finished_at: "2026-01-01T00:00:05Z",
  is_sample: false,
  counts: { read: 12, loaded: 12, rejected: 0, unchanged: 0, deleted: 0, held: 0, replayed: 12, rederived: 0 },
  balances: true,
  streams: {},
};

export const state = {
  at: "2026-01-01T00:00:09Z",
  stale_since: null,
  rebuilding: false,
  publication: { snapshot_id: 8, published_at: "2026-01-01T00:00:07Z", rows: { contacts: 12 } },
  running: [],
  tasks: [],
  connections: [],
  connections_total: 0,
};
