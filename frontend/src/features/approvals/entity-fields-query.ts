/** Fields of an entity that rules may fill. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";

export const entityFieldsQuery = (name: string) =>
  queryOptions({
    queryKey: ["entities", name, "fields"],
    queryFn: async ({ signal }) => {
      const path = { name };
      const entity = await unwrap(client.GET("/api/v1/dcl/entities/{name}", { params: { path }, signal }));
      return entity.fields.map((field) => field.name);
    },
  });
