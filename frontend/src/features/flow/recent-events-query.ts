/** What happened before this page was opened, newest first. What comes after is heard live. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";
import type { LiveEvent } from "@/live/event-stream";

const RECENT = 200;

export const recentEventsQuery = () =>
  queryOptions({
    queryKey: ["events", "recent"],
    queryFn: async ({ signal }) => {
      const page = await unwrap(client.GET("/api/v1/events/history", { params: { query: { limit: RECENT } }, signal }));
      return page.items.map(asLive);
    },
  });

/** An event of the history in the shape of the live ones. */
export function asLive({ id, kind, at, actor, trace_id, data }: Schemas["EventOut"]): LiveEvent {
  return { id, kind, at, actor, traceId: trace_id, data };
}
