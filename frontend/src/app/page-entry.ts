/** What a page says of itself in `pages.tsx`. */
import type { QueryClient } from "@tanstack/react-query";
import type { ComponentType } from "react";

import type { Permission } from "@/api/types";

export const SECTIONS = ["Overview", "Data", "AAM", "Operate"] as const;

export interface PageModule {
  default: ComponentType;
  /** What it needs before it is shown; begun on hover already. Waits for what is returned. */
  loader?: (client: QueryClient, params: Record<string, string>) => unknown;
}

export interface PageEntry {
  /** As TanStack Router writes it: `/connections/$connectionId`. */
  path: string;
  title: string;
  load: () => Promise<PageModule>;
  /** Without it the API answers 403, so the page says that instead of trying. */
  permission?: Permission;
}

/** A page that the sidebar, the palette and a shortcut lead to. */
export interface NavEntry extends PageEntry {
  section: (typeof SECTIONS)[number];
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** `d` for the shortcut `g d`. */
  letter: string;
  /** Stands behind the title: how much waits there. */
  badge?: ComponentType;
}
