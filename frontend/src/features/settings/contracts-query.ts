/** What was decided about changes of sources, the organisation's own first. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Contract = Schemas["ContractOut"];

export const contractsQuery = () =>
  queryOptions({
    queryKey: ["contracts"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/aam/contracts", { signal }))).items,
  });
