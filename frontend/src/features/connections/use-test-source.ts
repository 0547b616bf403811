/** Try a source that is not connected: what it holds and what the credentials may do. Nothing is stored. */
import { useMutation } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Trial = Schemas["TrialOut"];

export function useTestSource() {
  return useMutation({
    mutationFn: (body: Schemas["SourceIn"]) => unwrap(client.POST("/api/v1/aam/connections/test", { body })),
    gcTime: 0,
  });
}
