import { expect, test } from "vitest";

import { progressOf } from "@/features/dashboard/progress";

test("progress is what was heard last of each stream; what was not heard is not known", () => {
  const heard = (kind: string, data: object) => ({
    id: "1-0", kind, at: "2026-01-10T12:00:00Z", actor: null, traceId: null, data: { sync_run_id: "s2", ...data },
  }); // prettier-ignore
  expect(progressOf("s2", [])).toEqual({ stage: null, isBetween: false, read: null, loaded: null });
  const events = [
    heard("stage.started", { stage: "extract" }),
    heard("sync.stream", { stream: "a", read: 10 }),
    heard("sync.stream", { stream: "a", read: 30 }),
    heard("sync.stream", { stream: "b", read: 5, loaded: 2 }),
    heard("stage.finished", { stage: "extract" }),
  ];
  expect(progressOf("s2", events)).toEqual({ stage: "extract", isBetween: true, read: 35, loaded: 2 });
});
