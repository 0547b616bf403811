/** Whether the application can do its work, and what stands in its way; everybody may ask. */
import { queryOptions } from "@tanstack/react-query";

import { problemOf } from "@/api/problem";
import type { Schemas } from "@/api/types";

export const readyQuery = () =>
  queryOptions({
    queryKey: ["platform", "ready"],
    queryFn: async ({ signal }): Promise<Schemas["ReadinessOut"]> => {
      const answer = await fetch(new URL("/ready", window.location.origin), { signal, cache: "no-store" });
      // That it is not ready is an answer too, with the reasons in it.
      const body: unknown = answer.ok || answer.status === 503 ? await answer.clone().json().catch(() => null) : null;
      if (isReadiness(body)) return body;
      throw answer.ok ? new Error("What answered there does not tell whether it is ready.") : await problemOf(answer);
    },
    refetchInterval: 15_000,
    retry: 1,
  }); // prettier-ignore

function isReadiness(body: unknown): body is Schemas["ReadinessOut"] {
  return typeof body === "object" && body !== null && "ready" in body && "problems" in body;
}
