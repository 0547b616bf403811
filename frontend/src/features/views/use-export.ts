/** Export the rows that the filters leave, with the log-in of this page. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { client } from "@/api/client";
import { queryOf, type Asked } from "@/features/views/asked";
import { saveStream } from "@/features/views/save-stream";
import { notifyDone, notifyFailure } from "@/ui/notify";

export type ExportFormat = "csv" | "parquet" | "arrow" | "json";

interface Wanted {
  asked: Asked;
  columns: readonly string[];
  format: ExportFormat;
}

export function useExport() {
  const [bytes, setBytes] = useState(0);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);

  const { mutate, isPending } = useMutation({
    mutationFn: async ({ asked, columns, format }: Wanted) => {
      const abort = new AbortController();
      leaving.current = abort;
      setBytes(0);
      const listed = ["_entity_id", ...columns.filter((name) => name !== "_entity_id")].join(",");
      const { response } = await client.GET("/api/v1/dcl/views/{view}/export", {
        params: {
          path: { view: asked.view },
          query: { ...queryOf(asked), columns: listed, format },
        },
        parseAs: "stream",
        signal: abort.signal,
      });
      const name = `${asked.view}-${asked.snapshotId}.${format}`;
      await saveStream(response, name, setBytes, abort.signal);
      return name;
    },
    onSuccess: (name) => notifyDone(`${name} is in your downloads.`),
    onError: (error) => {
      if (!(error instanceof DOMException && error.name === "AbortError")) notifyFailure(error);
    },
  });

  return { start: mutate, isRunning: isPending, bytes, cancel: () => leaving.current?.abort() };
}
