/** What was asked for, newest first. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { FIRST_PAGE, nextCursor } from "@/api/queries/infinite";
import type { Schemas } from "@/api/types";

export type Task = Schemas["TaskOut"];

export const tasksQuery = (status: Task["status"] | null, kind: Task["kind"] | null) =>
  infiniteQueryOptions({
    queryKey: ["tasks", "all", status, kind],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/v1/aoa/tasks", {
          params: { query: { limit: 50, cursor: pageParam, status: status ?? undefined, kind: kind ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });
