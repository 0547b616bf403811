/** What the stages told of last, newest first: further back than a list of all events, where syncs crowd it out. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

const BACK = 500;

export const stageEventsQuery = () =>
  queryOptions({
    queryKey: ["events", "stages"],
    queryFn: async ({ signal }) => {
      const query = { limit: BACK, kinds: "stage" };
      return (await unwrap(client.GET("/api/v1/events/history", { params: { query }, signal }))).items;
    },
    // What comes after is heard live.
    staleTime: Infinity,
  });
