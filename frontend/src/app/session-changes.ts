/** Logging in, out and over to another organisation, as the pages follow it. */
import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";
import type { AnyRouter } from "@tanstack/react-router";

import { onLoggedOutElsewhere } from "@/api/log-in-hint";
import { leave, onSession } from "@/api/session";
import { PUBLIC_PAGES } from "@/app/pages";

export function followSession(router: AnyRouter, client: QueryClient): () => void {
  const stopListening = onSession((now, before) => {
    if (before.status !== "in") return;
    // What was asked for belongs to the organisation it was asked in.
    client.clear();
    notifications.clean();
    // Forms that gave this log-in go on by themselves.
    if (PUBLIC_PAGES.some((page) => page.path === router.state.location.pathname)) return;
    if (now.status === "in") void router.navigate({ to: sectionOf(router.state.location.pathname) });
    else void router.navigate({ to: "/login", search: { next: router.state.location.href }, replace: true });
  });
  const stopHearing = onLoggedOutElsewhere(leave);
  return () => {
    stopListening();
    stopHearing();
  };
}

/** `/connections/42` -> `/connections`: the list is there in every organisation, its 42 is not. */
function sectionOf(pathname: string): string {
  return `/${pathname.split("/")[1] ?? ""}`;
}
