/** One event by its id, for a link to one that is not among the last ones; null when it is not kept any more. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { asLive } from "@/features/flow/recent-events-query";

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ["events", "one", id],
    queryFn: async ({ signal }) => {
      const query = { after: justBefore(id), limit: 1 };
      const page = await unwrap(client.GET("/api/v1/events/history", { params: { query }, signal }));
      const found = page.items.find((event) => event.id === id);
      return found === undefined ? null : asLive(found);
    },
    staleTime: Infinity,
  });

/** Ids are `milliseconds-number`, so the place before one is known without asking. */
export function justBefore(id: string): string {
  const [ms = "0", number = "0"] = id.split("-");
  return Number(number) > 0 ? `${ms}-${Number(number) - 1}` : `${Number(ms) - 1}-9007199254740991`;
}
