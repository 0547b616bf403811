/** The picture in the form there is room for, or what stands in for it. */
import { Button, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlugConnected } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";

import { useMay } from "@/api/queries/me-query";
import { FlowColumns } from "@/features/flow/flow-columns";
import { GRAPH_HEIGHT } from "@/features/flow/places";
import { PulseContext } from "@/features/flow/pulse-context";
import type { PulseStore } from "@/features/flow/pulses";
import { usePicture } from "@/features/flow/use-picture";
import type { LiveEvent } from "@/live/event-stream";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";

const FlowGraph = lazy(() => import("@/features/flow/flow-graph"));
const NARROW = "(max-width: 62em)";

export function FlowPicture({ events, pulses }: { events: readonly LiveEvent[]; pulses: PulseStore }) {
  const { picture, error, retry } = usePicture(events);
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const drawnAs = picture?.drawnAs;
  useEffect(() => {
    if (drawnAs !== undefined) pulses.drawnAs(drawnAs);
  }, [drawnAs, pulses]);

  if (picture === undefined && error !== null) return <Failure error={error} onRetry={retry} />;
  if (picture === undefined) return <Waiting />;
  if (picture.columns[0]?.places.length === 0) return <NoSources />;
  return (
    <PulseContext.Provider value={pulses}>
      {isNarrow ? (
        <FlowColumns picture={picture} />
      ) : (
        <Suspense fallback={<Waiting />}>
          <FlowGraph picture={picture} />
        </Suspense>
      )}
    </PulseContext.Provider>
  );
}

function Waiting() {
  return <Skeleton height={GRAPH_HEIGHT} radius="md" data-state="loading" />;
}

function NoSources() {
  const mayConnect = useMay()("connections.write");
  return (
    <Empty
      title="Nothing flows yet"
      icon={<IconPlugConnected size={24} stroke={1.6} />}
      action={
        mayConnect && (
          <Button component={Link} to="/connections/new">
            Connect a source
          </Button>
        )
      }
    >
      Once a source is connected, its records are seen here on their way to the views.
    </Empty>
  );
}
