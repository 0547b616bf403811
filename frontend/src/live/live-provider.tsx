/** Opens the event stream once for a log-in, keeps what comes and has queries asked anew. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";

import { authorisedFetch } from "@/api/session";
import { EventStore } from "@/live/event-store";
import { followStream } from "@/live/event-stream";
import { Invalidator } from "@/live/invalidation";
import { LiveContext } from "@/live/use-live";

const STREAM = "/api/v1/events/stream";

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [store] = useState(() => new EventStore());

  useEffect(() => {
    const leaving = new AbortController();
    const invalidator = new Invalidator(client);
    let wasLive = false;
    void followStream(
      {
        url: new URL(STREAM, window.location.origin).href,
        open: authorisedFetch,
        onEvent: (event) => {
          store.add(event);
          invalidator.after(event.kind);
        },
        onGap: (gap) => {
          store.addGap(gap);
          invalidator.everything();
        },
        onState: (state) => {
          store.setState(state);
          // Without an event seen yet there is no id to go on from: what was missed can only be asked for.
          if (state === "live" && wasLive && store.read().events.length === 0) invalidator.everything();
          wasLive ||= state === "live";
        },
      },
      leaving.signal,
    );
    return () => {
      leaving.abort();
      invalidator.stop();
    };
  }, [client, store]);

  return <LiveContext.Provider value={store}>{children}</LiveContext.Provider>;
}
