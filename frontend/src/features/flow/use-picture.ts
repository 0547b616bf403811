/** The picture from what the API tells of connections, views, approvals and publications, and from the events. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { connectionsQuery } from "@/api/queries/connections-query";
import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { pictureOf, type Picture } from "@/features/flow/picture";
import { standingsOf } from "@/features/flow/standing";
import type { LiveEvent } from "@/live/event-stream";

export interface PictureAsked {
  /** undefined while its parts are loaded. */
  picture: Picture | undefined;
  error: Error | null;
  retry: () => void;
}

export function usePicture(events: readonly LiveEvent[]): PictureAsked {
  const connections = useQuery(connectionsQuery());
  const views = useQuery(viewsQuery());
  const state = useQuery(tenantStateQuery());
  const waiting = useQuery(openApprovalsQuery()).data?.length;
  const standings = useMemo(() => standingsOf(events, state.data), [events, state.data]);
  const picture = useMemo(() => {
    if (connections.data === undefined || views.data === undefined || state.data === undefined) return undefined;
    const { publication } = state.data;
    return pictureOf({ connections: connections.data, views: views.data, publication, standings, waiting });
  }, [connections.data, views.data, state.data, standings, waiting]);
  return {
    picture,
    error: connections.error ?? views.error ?? state.error,
    retry: () => void Promise.all([connections.refetch(), views.refetch(), state.refetch()]),
  };
}
