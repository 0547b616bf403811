/** What happened before this page was opened, newest first, and further back on demand; the rest is heard live. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";
import type { LiveEvent } from "@/live/event-stream";

const AT_ONCE = 200;

/** `kind` is what stands before the dot; all of them, when it is empty. */
export const recentEventsQuery = (kind = "") =>
  infiniteQueryOptions({
    queryKey: ["events", "recent", kind],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { limit: AT_ONCE, cursor, kinds: kind === "" ? undefined : kind };
      return unwrap(client.GET("/api/v1/events/history", { params: { query }, signal }));
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

/** An event of the history in the shape of the live ones. */
export function asLive({ id, kind, at, actor, trace_id, data }: Schemas["EventOut"]): LiveEvent {
  return { id, kind, at, actor, traceId: trace_id, data };
}
