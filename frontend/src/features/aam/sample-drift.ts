/** Drift and figures as the API answers them, for tests: `phone` comes as `mobile`, and nothing was repaired. */
export const NOW = new Date().toISOString();

export const drift = {
  id: "d1", connection_id: "c1", connection: "CRM", stream: "people", kind: "renamed", severity: "breaking",
  is_breaking: true, names: "phone -> mobile", fields_before: ["phone"], fields_after: ["mobile"],
  breaks_views: ["contacts"], breaks_fields: ["contacts.phone"], probability: 0.72, evidence_in_words: ["31 of 40 records"],
  proposal: { id: "a1", status: "open" }, status: "open", resolution: null, resolved_by: null, resolved_at: null,
  reopened_by: null, reopened_at: null, first_seen_at: NOW, last_seen_at: NOW,
}; // prettier-ignore
export const samples = { rows: [], snapshot_id: null, published_at: null, is_behind: true };
export const wholeDrift = {
  ...drift,
  before: { name: "phone" },
  after: { name: "mobile" },
  evidence: {},
  reopened_why: null,
  samples,
};

export const totals = {
  proposed: 0, asked: 0, asked_share: null, applied_by_policy: 0, approved_by_people: 0, rejected: 0, refused: 0,
  superseded: 0, undone: 0, rolled_back: 0, waiting: 0, repaired: 0, repair_p50_s: null, repair_p95_s: null,
}; // prettier-ignore
export const standing = { holds: 2, watching: 1, circuits_open: 0, memory: 30, memory_by_people: 4 };
export const month = {
  calls: 0, failed: 0, saved: 0, prompt_tokens: 0, completion_tokens: 0, unpriced_calls: 0, cost_usd: "0",
}; // prettier-ignore
export const metrics = (change: object = {}) => ({
  since: NOW, until: NOW, step: "day", totals, outcomes: [], detections: [], calibration: [], standing,
  llm_this_month: month, ...change,
}); // prettier-ignore
