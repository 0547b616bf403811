/** The picture from what the API tells of connections, views, approvals, keys and publications, and from the events. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { apiKeysQuery } from "@/api/queries/api-keys-query";
import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { stageEventsQuery } from "@/api/queries/stage-events-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import { viewsQuery } from "@/api/queries/views-query";
import { merged } from "@/features/flow/event-order";
import { pictureOf, type Picture } from "@/features/flow/picture";
import { asLive } from "@/features/flow/recent-events-query";
import { standingsOf } from "@/features/flow/standing";
import type { LiveEvent } from "@/live/event-stream";

export interface PictureAsked {
  /** undefined while its parts are loaded. */
  picture: Picture | undefined;
  error: Error | null;
  retry: () => void;
}

export function usePicture(events: readonly LiveEvent[]): PictureAsked {
  const mayKeys = useMay()("keys.manage");
  const connections = useQuery(connectionsQuery());
  const views = useQuery(viewsQuery());
  const state = useQuery(tenantStateQuery());
  const waiting = useQuery(openApprovalsQuery()).data?.length;
  const keys = useQuery({ ...apiKeysQuery(), enabled: mayKeys }).data;
  const stages = useQuery(stageEventsQuery()).data;
  const standings = useMemo(
    () => standingsOf(stages === undefined ? events : merged(stages.map(asLive), events), state.data),
    [stages, events, state.data],
  );
  const picture = useMemo(() => {
    if (connections.data === undefined || views.data === undefined || state.data === undefined) return undefined;
    const { publication } = state.data;
    return pictureOf({ connections: connections.data, views: views.data, publication, standings, waiting, keys });
  }, [connections.data, views.data, state.data, standings, waiting, keys]);
  return {
    picture,
    error: connections.error ?? views.error ?? state.error,
    retry: () => void Promise.all([connections.refetch(), views.refetch(), state.refetch()]),
  };
}
