/** The pages of the sidebar, the palette and the shortcuts that this member may see. */
import { useMemo } from "react";

import { useMe } from "@/api/queries/me-query";
import type { NavEntry } from "@/app/page-entry";
import { NAV_PAGES } from "@/app/pages";

export function useNavPages(): readonly NavEntry[] {
  const { permissions } = useMe();
  return useMemo(
    () => NAV_PAGES.filter((page) => page.permission === undefined || permissions.includes(page.permission)),
    [permissions],
  );
}
