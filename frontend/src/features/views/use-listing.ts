/** The rows that the address asks for, and what is known of them. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ProblemError } from "@/api/problem";
import type { Asked } from "@/features/views/asked";
import { rowsQuery } from "@/features/views/rows-query";

export function useListing(asked: Asked, columns: readonly string[]) {
  const found = useInfiniteQuery({ ...rowsQuery(asked, columns), placeholderData: keepPreviousData });
  const { data, error, hasNextPage, isFetchingNextPage, isPlaceholderData } = found;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows), [data]);
  const more = isFetchingNextPage ? "loading" : !hasNextPage ? "none" : error === null ? "there" : "failed";
  return {
    rows,
    error,
    more,
    isStale: isPlaceholderData,
    isWhole: rows !== undefined && !hasNextPage && !isPlaceholderData,
    /** The publication is kept no more: neither its first page (404) nor its next one (410) can be had. */
    isGone: error instanceof ProblemError && (error.status === 410 || error.status === 404),
    fetchMore: found.fetchNextPage,
    refetch: found.refetch,
  } as const;
}
