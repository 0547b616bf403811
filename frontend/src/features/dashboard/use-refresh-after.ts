/** Ask a query anew after live events of some kinds, but at most every few seconds: a busy day has many. */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { useLiveEvents } from "@/live/use-live";

const EVERY_MS = 5_000;

export function useRefreshAfter(kinds: readonly string[], queryKey: QueryKey): void {
  const queries = useQueryClient();
  const newest = useLiveEvents({ kinds }).at(-1)?.id;
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const key = useRef(queryKey);
  useEffect(() => {
    key.current = queryKey;
  });
  useEffect(() => {
    if (newest === undefined) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: key.current });
    }, EVERY_MS);
  }, [newest, queries]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
