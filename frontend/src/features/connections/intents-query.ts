/** Sources that somebody wanted connected and that something stands in the way of. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Intent = Schemas["IntentOut"];

export const waitingIntentsQuery = () =>
  queryOptions({
    queryKey: ["intents", "waiting"],
    queryFn: async ({ signal }) => {
      const intents = await everyItem((cursor) =>
        unwrap(client.GET("/api/v1/aam/intents", { params: { query: { limit: 500, cursor } }, signal })),
      );
      return intents.filter(({ status }) => status !== "connected");
    },
  });
