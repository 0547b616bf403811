/** Records that are neither taken nor rejected for good: they are held until somebody decides on a repair. */
import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { PageLink } from "@/ui/page-link";

/** Streams of the connection of which records are held. */
export function useHeldStreams(connectionId: string): string[] {
  const mayRead = useMay()("drift.read");
  const { data = [] } = useQuery({ ...openApprovalsQuery(), enabled: mayRead });
  const holding = data.filter(({ connection_id: id, records_held: held }) => id === connectionId && (held ?? 0) > 0);
  return [...new Set(holding.map(({ stream }) => stream))].sort();
}

export function HeldNote({ connectionId, streams }: { connectionId: string; streams: readonly string[] }) {
  return (
    <Alert color="insight" variant="light" title={`Records of ${streams.join(", ")} are held`}>
      <Text size="sm">
        They are counted as rejected by their sync, and come into the views once somebody has decided{" "}
        <PageLink to="/approvals" search={{ connection: connectionId }} inherit c="inherit" fw={600}>
          what the change means
        </PageLink>
        .
      </Text>
    </Alert>
  );
}
