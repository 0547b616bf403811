/** Pause or resume a connection, lift its Safe Mode or put it there again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Connection } from "@/api/types";
import { notifyDone, notifyFailure } from "@/ui/notify";

export type Verdict = "pause" | "resume" | "lift" | "hold";

const DONE: Record<Verdict, (name: string) => string> = {
  pause: (name) => `${name} is paused: the schedule leaves it alone.`,
  resume: (name) => `${name} goes on.`,
  lift: (name) => `Safe Mode of ${name} is lifted: its syncs read everything.`,
  hold: (name) => `${name} is in Safe Mode: its next syncs are samples.`,
};

export function useDecideConnection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ connection, verdict }: { connection: Pick<Connection, "id" | "name">; verdict: Verdict }) => {
      const params = { params: { path: { connection_id: connection.id } } };
      if (verdict === "pause") return unwrap(client.POST("/api/v1/aam/connections/{connection_id}/pause", params));
      if (verdict === "resume") return unwrap(client.POST("/api/v1/aam/connections/{connection_id}/resume", params));
      if (verdict === "lift") return unwrap(client.POST("/api/v1/aam/connections/{connection_id}/lift", params));
      return unwrap(client.POST("/api/v1/aam/connections/{connection_id}/hold", params));
    },
    onSuccess: (_, { connection, verdict }) => notifyDone(DONE[verdict](connection.name)),
    onError: notifyFailure,
    onSettled: () =>
      Promise.all([["connections"], ["syncs"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
