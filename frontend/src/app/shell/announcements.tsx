/** Tells who may decide that a repair began to wait while they are here; one note, however many there are. */
import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { useMay } from "@/api/queries/me-query";
import type { LiveEvent } from "@/live/event-stream";
import { useLiveEvents } from "@/live/use-live";

const NOTE = "repairs-wait";
const OPENED = { kinds: ["approval.opened"] };
// What happened while one was away is behind the bell; only what happens now is told.
const NEW_MS = 60_000;
const SHOWN_MS = 12_000;

export function Announcements() {
  const mayDecide = useMay()("approvals.decide");
  const isThere = useRouterState({ select: (state) => state.location.pathname.startsWith("/approvals") });
  const opened = useLiveEvents(OPENED);
  const navigate = useNavigate();
  const told = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (isThere) notifications.hide(NOTE);
  }, [isThere]);
  useEffect(() => {
    const fresh = opened.filter(({ id, at }) => !told.current.has(id) && Date.now() - Date.parse(at) < NEW_MS);
    told.current = new Set(opened.map(({ id }) => id));
    if (fresh.length === 0 || !mayDecide || isThere) return;
    const go = (to: string) => {
      notifications.hide(NOTE);
      void navigate({ to });
    };
    notifications.hide(NOTE);
    notifications.show({ id: NOTE, ...words(fresh, go), color: "insight", withBorder: true, autoClose: SHOWN_MS });
  }, [opened, mayDecide, isThere, navigate]);
  return null;
}

function words(fresh: readonly LiveEvent[], go: (to: string) => void) {
  const [only] = fresh;
  const id = only?.data["proposal_id"];
  const stream = only?.data["stream"];
  const isOne = fresh.length === 1 && typeof id === "string" && typeof stream === "string";
  return {
    title: isOne ? `A repair of ${stream} waits for a decision` : `${fresh.length} repairs wait for a decision`,
    message: (
      <Anchor
        component="button"
        type="button"
        size="sm"
        fw={600}
        onClick={() => go(isOne ? `/approvals/${id}` : "/approvals")}
      >
        {isOne ? "Look at it" : "Look at them"}
      </Anchor>
    ),
    closeButtonProps: { "aria-label": "Close the note" },
  };
}
