/** Where the syncs behind a figure are: those that ended in a span, without replays, as `loads.ts` counts them. */
import { endOf, startOf, stepsOf, type Span } from "@/features/dashboard/loads";

interface SyncsLink {
  to: string;
  search: { kind: string; since: string; until: string };
}

/** Of one bar, by the beginning of its hour or day. */
export function syncsOfStep(span: Span, at: number): SyncsLink {
  return link(at, endOf(span, at));
}

export function syncsOfSpan(span: Span, now: number): SyncsLink {
  return link(startOf(span, now), endOf(span, stepsOf(span, now).at(-1) ?? now));
}

function link(since: number, until: number): SyncsLink {
  const search = { kind: "sync", since: new Date(since).toISOString(), until: new Date(until).toISOString() };
  return { to: "/activity", search };
}
