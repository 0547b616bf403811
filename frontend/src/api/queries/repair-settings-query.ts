/** How repairs are decided in this organisation, with the tag that a change has to name. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrapTagged } from "@/api/client";
import type { Schemas } from "@/api/types";

export type RepairSettings = Schemas["RepairSettingsOut"];

export const repairSettingsQuery = () =>
  queryOptions({
    queryKey: ["settings", "repair"],
    queryFn: ({ signal }) => unwrapTagged(client.GET("/api/v1/aam/settings", { signal })),
  });
