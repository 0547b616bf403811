/** Files of the organisation that its connections may read, by name. */
import { queryOptions } from "@tanstack/react-query";

import { client, everyItem, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type StoredFile = Schemas["FileOut"];

export const filesQuery = () =>
  queryOptions({
    queryKey: ["files"],
    queryFn: ({ signal }) =>
      everyItem((cursor) =>
        unwrap(client.GET("/api/v1/aam/files", { params: { query: { limit: 500, cursor } }, signal })),
      ),
  });
