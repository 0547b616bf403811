/** Change how repairs are decided, if nobody changed it meanwhile. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client, ifMatch, unwrapTagged } from "@/api/client";
import type { Schemas } from "@/api/types";
import { repairSettingsQuery } from "@/api/queries/repair-settings-query";
import { notifyDone } from "@/ui/notify";

interface Change {
  tag: string | null;
  changes: Partial<Schemas["RepairSettingsIn"]>;
}

export function useChangeRepairSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ tag, changes }: Change) =>
      unwrapTagged(
        client.PATCH("/api/v1/aam/settings", {
          body: changes as Schemas["RepairSettingsIn"],
          params: { header: ifMatch(tag) },
        }),
      ),
    onSuccess: (changed) => {
      queries.setQueryData(repairSettingsQuery().queryKey, changed);
      notifyDone("Saved. It counts from the next sync on.");
    },
    // It may have been refused because somebody was faster: then theirs is to be seen.
    onError: () => queries.invalidateQueries(repairSettingsQuery()),
  });
}
