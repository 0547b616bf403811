/** What was done in the organisation, newest first, by page of the chain. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type AuditEvent = Schemas["AuditEventOut"];

/** Empty texts do not filter; days are of the place where one looks, both included. */
export interface AuditFilter {
  actor: string;
  action: string;
  subject: string;
  since: string;
  until: string;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", "events", filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/admin/audit", {
          params: { query: { ...given(filter), limit: 50, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

function given({ actor, action, subject, since, until }: AuditFilter) {
  return {
    actor: actor.trim() || undefined,
    action: action.trim() || undefined,
    subject: subject.trim() || undefined,
    since: startOf(since, 0),
    until: startOf(until, 1),
  };
}

/** The first moment of a day, some days later; undefined for what is no day. */
function startOf(day: string, later: number): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || year === undefined || month === undefined || date === undefined)
    return undefined;
  return new Date(year, month - 1, date + later).toISOString();
}
