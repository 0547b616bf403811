/** Connections, their streams, the entities these fill, and the views people read. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Ontology = Schemas["OntologyOut"];
export type OntologyNode = Schemas["OntologyNodeOut"];
export type FieldLink = Schemas["FieldLinkOut"];

export const ontologyQuery = () =>
  queryOptions({
    queryKey: ["ontology"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dcl/ontology", { signal })),
  });
