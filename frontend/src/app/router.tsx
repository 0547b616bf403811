/** Routes from the table of pages. Each page is a chunk of its own, loaded when somebody is about to go there. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouterHistory,
} from "@tanstack/react-router";

import { meQuery } from "@/api/queries/me-query";
import { accessToken } from "@/api/session";
import { allowed } from "@/app/allowed";
import { NotFound, RouteFailure, Splash } from "@/app/route-states";
import type { PageEntry } from "@/app/page-entry";
import { INNER_PAGES, NAV_PAGES, PUBLIC_PAGES } from "@/app/pages";
import { Shell } from "@/app/shell/shell";
import { ShellSkeleton } from "@/app/shell/shell-skeleton";
import { safeNext } from "@/api/safe-next";
import { PageSkeleton } from "@/ui/skeletons";

interface Context {
  client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ notFoundComponent: NotFound });

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    if ((await accessToken()) === null) throw redirect({ to: "/login", search: { next: location.href } });
  },
  loader: ({ context }) => context.client.ensureQueryData({ ...meQuery(), revalidateIfStale: true }),
  component: Shell,
  pendingComponent: ShellSkeleton,
  pendingMs: 0,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: NAV_PAGES[0]?.path ?? "/settings", replace: true });
  },
});

const notFound = createRoute({ getParentRoute: () => shell, path: "$", component: NotFound });

function publicRoute(page: PageEntry) {
  return createRoute({
    getParentRoute: () => root,
    path: page.path,
    component: lazyRouteComponent(page.load),
    pendingComponent: Splash,
    beforeLoad: async ({ search }) => {
      // Whoever is logged in has no use for these, but for an invitation to another organisation.
      const token = await accessToken().catch(() => null);
      if (token === null || page.path === "/invitations") return;
      throw redirect({ href: safeNext((search as Record<string, unknown>)["next"]) });
    },
  });
}

function shellRoute(page: PageEntry) {
  const load = lazyRouteComponent(page.load);
  return createRoute({
    getParentRoute: () => shell,
    path: page.path,
    component: page.permission === undefined ? load : allowed(page.permission, load),
    loader: async ({ context, params }) => (await page.load()).loader?.(context.client, params),
  });
}

export function createAppRouter(client: QueryClient, history?: RouterHistory) {
  const pages = [...NAV_PAGES, ...INNER_PAGES];
  const inShell = pages.map(shellRoute);
  return createRouter({
    routeTree: root.addChildren([
      ...PUBLIC_PAGES.map(publicRoute),
      shell.addChildren(
        pages.some((page) => page.path === "/") ? [...inShell, notFound] : [home, ...inShell, notFound],
      ),
    ]),
    context: { client },
    history,
    defaultPreload: "intent",
    // Queries know how old they are; the router does not keep answers besides.
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 200,
    defaultPendingMinMs: 200,
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: RouteFailure,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}
