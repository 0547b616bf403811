/** Who is logged in, where, and what they may do. Loaded before the first page, so pages have it without waiting. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";

import { client, unwrapTagged } from "@/api/client";
import type { Me, Permission } from "@/api/types";

export const meQuery = () =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => unwrapTagged(client.GET("/api/v1/auth/me", { signal })),
    staleTime: 60_000,
  });

export function useMe(): Me {
  return useSuspenseQuery(meQuery()).data.value;
}

/** Whether one may: for what is shown. The API decides once more. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
