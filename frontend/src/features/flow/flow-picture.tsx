/** The picture in the form there is room for, or what stands in for it. */
import { Button, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlugConnected } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";

import { useMay } from "@/api/queries/me-query";
import { isApart } from "@/features/flow/feeds";
import { FlowColumns } from "@/features/flow/flow-columns";
import { LookedAtContext } from "@/features/flow/looked-at";
import type { Picture } from "@/features/flow/picture";
import { connectionPlace, GRAPH_HEIGHT, type Stage } from "@/features/flow/places";
import { PulseContext } from "@/features/flow/pulse-context";
import type { PulseStore } from "@/features/flow/pulses";
import { usePicture } from "@/features/flow/use-picture";
import type { LiveEvent } from "@/live/event-stream";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import classes from "./flow.module.css";

const FlowGraph = lazy(() => import("@/features/flow/flow-graph"));
// Below this the words of the picture would be too small to read beside the sidebar.
const NARROW = "(max-width: 78em)";

interface FlowPictureProps {
  events: readonly LiveEvent[];
  pulses: PulseStore;
  /** The connection of the filter. */
  connection: string;
  onStage: (stage: Stage) => void;
}

export function FlowPicture({ events, pulses, connection, onStage }: FlowPictureProps) {
  const { picture, error, retry } = usePicture(events);
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const drawnAs = picture?.drawnAs;
  useEffect(() => {
    if (drawnAs !== undefined) pulses.drawnAs(drawnAs);
  }, [drawnAs, pulses]);
  const lookedAt = useLookedAt(picture, connection, onStage);

  if (picture === undefined && error !== null) return <Failure error={error} onRetry={retry} />;
  if (picture === undefined) return <Waiting isNarrow={isNarrow} />;
  if (picture.columns[0]?.places.length === 0) return <NoSources />;
  return (
    <PulseContext.Provider value={pulses}>
      <LookedAtContext.Provider value={lookedAt}>
        {isNarrow ? (
          <FlowColumns picture={picture} />
        ) : (
          <Suspense fallback={<Waiting isNarrow={false} />}>
            <FlowGraph picture={picture} />
          </Suspense>
        )}
      </LookedAtContext.Provider>
    </PulseContext.Provider>
  );
}

/** The place under the pointer or with the focus, and else that of the filter. */
function useLookedAt(picture: Picture | undefined, connection: string, openStage: (stage: Stage) => void) {
  const [under, look] = useState<string | null>(null);
  return useMemo(() => {
    const chosen = connection === "" || picture === undefined ? null : picture.drawnAs(connectionPlace(connection));
    const isFar = (place: string) => picture !== undefined && isApart(place, under ?? chosen, picture.feeds);
    return { isFar, look, openStage };
  }, [picture, connection, under, openStage]);
}

/** Under each other it is higher than a small screen, so that what follows does not come into view and leave again. */
function Waiting({ isNarrow }: { isNarrow: boolean }) {
  return <Skeleton height={isNarrow ? 2 * GRAPH_HEIGHT : GRAPH_HEIGHT} radius="md" data-state="loading" />;
}

function NoSources() {
  const mayConnect = useMay()("connections.write");
  return (
    <div className={classes.nothing} style={{ minHeight: GRAPH_HEIGHT }}>
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
    </div>
  );
}
