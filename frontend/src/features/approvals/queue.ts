/** The order in which repairs are decided: who waits longest comes first. */
import { useQuery } from "@tanstack/react-query";

import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import type { Approval } from "@/api/types";

export function oldestFirst(waiting: readonly Approval[]): Approval[] {
  return [...waiting].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
}

/** Proposed from the one moment until before the other; an empty one is no border. */
export function isWithin(repair: Approval, since: string, until: string): boolean {
  const at = Date.parse(repair.created_at);
  return (since === "" || at >= Date.parse(since)) && (until === "" || at < Date.parse(until));
}

export interface Neighbours {
  previous: string | null;
  next: string | null;
  /** Counted from 1; null: it does not wait. */
  place: number | null;
  count: number | undefined;
}

/** Beside one repair in the queue; from one that does not wait, the next is the oldest that does. */
export function neighboursOf(id: string, waiting: readonly Approval[] | undefined): Neighbours {
  const queue = oldestFirst(waiting ?? []);
  const at = queue.findIndex((each) => each.id === id);
  return {
    previous: at > 0 ? (queue[at - 1]?.id ?? null) : null,
    next: queue[at + 1]?.id ?? null,
    place: at < 0 ? null : at + 1,
    count: waiting?.length,
  };
}

/** Where one goes on after a decision: the one behind it, and from the last one the first. */
export function followingOf(id: string, waiting: readonly Approval[] | undefined): string | null {
  const { next } = neighboursOf(id, waiting);
  return next ?? oldestFirst(waiting ?? []).find((each) => each.id !== id)?.id ?? null;
}

export function useNeighbours(id: string): Neighbours {
  return neighboursOf(id, useQuery(openApprovalsQuery()).data);
}
