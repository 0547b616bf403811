/** Ask a query anew after live events of some kinds: soon after the first, and then at most every few seconds. */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { useLiveEvents } from "@/live/use-live";

const SOON_MS = 400;
const EVERY_MS = 5_000;

export function useRefreshAfter(kinds: readonly string[], queryKey: QueryKey): void {
  const queries = useQueryClient();
  const newest = useLiveEvents({ kinds }).at(-1)?.id;
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const last = useRef(0);
  const key = useRef(queryKey);
  useEffect(() => {
    key.current = queryKey;
  });
  useEffect(() => {
    if (newest === undefined) return;
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        last.current = Date.now();
        void queries.invalidateQueries({ queryKey: key.current });
      },
      Math.max(SOON_MS, last.current + EVERY_MS - Date.now()),
    );
  }, [newest, queries]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
