/** What was written down while a sync ran, in that order. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type SyncNote = Schemas["SyncNoteOut"];

export const syncNotesQuery = (syncId: string) =>
  queryOptions({
    queryKey: ["syncs", syncId, "notes"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(
          client.GET("/api/v1/aam/syncs/{sync_id}/notes", {
            params: { path: { sync_id: syncId }, query: { limit: 500, cursor } },
            signal,
          }),
        ),
      ),
  });
