/** Lists that grow page by page: the next page begins where the API says the last one ended. */
import type { InfiniteData } from "@tanstack/react-query";

interface PageOf<T> {
  items: T[];
  next_cursor?: string | null;
}

export const FIRST_PAGE: string | undefined = undefined;

export function nextCursor(last: PageOf<unknown>): string | undefined {
  return last.next_cursor ?? undefined;
}

/** All items that are here so far; undefined while the first page is on its way. */
export function itemsOf<T>(data: InfiniteData<PageOf<T>, unknown> | undefined): T[] | undefined {
  return data?.pages.flatMap((page) => page.items);
}
