/** Drift first seen since a moment, newest first. The API has no such filter, so pages are read until they are older. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Drift = Schemas["DriftOut"];

export interface DriftSince {
  events: Drift[];
  /** Older ones of the span were left out. */
  isCut: boolean;
}

const A_PAGE = 500;
const MOST_PAGES = 10;

export const driftSinceQuery = (since: string) =>
  queryOptions({
    queryKey: ["drift", "since", since],
    queryFn: async ({ signal }): Promise<DriftSince> => {
      const events: Drift[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query: { limit: number; cursor: string | null } = { limit: A_PAGE, cursor };
        const found: Schemas["Page_DriftOut_"] = await unwrap(
          client.GET("/api/v1/aam/drift", { params: { query }, signal }),
        );
        const within = found.items.filter((event) => Date.parse(event.first_seen_at) >= Date.parse(since));
        events.push(...within);
        cursor = found.next_cursor ?? null;
        if (cursor === null || within.length < found.items.length) return { events, isCut: false };
      }
      return { events, isCut: true };
    },
  });
