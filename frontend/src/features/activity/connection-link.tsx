/** A connection by its name, once that is known; leads to it. */
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay } from "@/api/queries/me-query";
import { PageLink } from "@/ui/page-link";

export function ConnectionLink({ connectionId, run }: { connectionId: string; run?: string }) {
  const mayRead = useMay()("connections.read");
  const { data } = useQuery({ ...connectionsQuery(), enabled: mayRead });
  const name = data?.find(({ id }) => id === connectionId)?.name;
  if (data !== undefined && name === undefined) return <>a deleted connection</>;
  if (!mayRead) return <>a connection</>;
  return (
    <PageLink
      to={`/connections/${connectionId}`}
      search={run === undefined ? undefined : { tab: "runs", run }}
      size="sm"
      fw={600}
      underline="hover"
      c="inherit"
    >
      {name ?? "…"}
    </PageLink>
  );
}
