/** One row of a publication: itself, where its values come from, its source records, and how it changed. */
import { queryOptions } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import type { Schemas } from "@/api/types";

export type Cell = Schemas["CellOut"];
export type Contribution = Schemas["ContributionOut"];
export type SourceSide = Schemas["SourceSideOut"];
export type Change = Schemas["api__schemas__views__ChangeOut"];

export interface RowPlace {
  view: string;
  entityId: string;
  snapshotId: number;
}

const keyOf = (what: string, { view, entityId, snapshotId }: RowPlace) =>
  ["rows", what, view, entityId, snapshotId] as const;
const paramsOf = ({ view, entityId, snapshotId }: RowPlace) => ({
  path: { view, entity_id: entityId },
  query: { as_of: String(snapshotId) },
});

export const rowQuery = (place: RowPlace) =>
  queryOptions({
    queryKey: keyOf("one", place),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/dcl/views/{view}/rows/{entity_id}", { params: paramsOf(place), signal })),
    staleTime: "static",
  });

export const provenanceQuery = (place: RowPlace) =>
  queryOptions({
    queryKey: keyOf("provenance", place),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/dcl/views/{view}/rows/{entity_id}/provenance", { params: paramsOf(place), signal })),
    staleTime: "static",
  });

export const sourcesQuery = (place: RowPlace) =>
  queryOptions({
    queryKey: keyOf("sources", place),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/dcl/views/{view}/rows/{entity_id}/sources", { params: paramsOf(place), signal })),
    staleTime: "static",
  });

/** Over all publications that are kept, so a newer one may add to it. */
export const historyQuery = ({ view, entityId }: RowPlace) =>
  queryOptions({
    queryKey: ["rows", "history", view, entityId],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/dcl/views/{view}/rows/{entity_id}/history", {
          params: { path: { view, entity_id: entityId } },
          signal,
        }),
      ),
  });
