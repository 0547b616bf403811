/** What somebody began to write, kept while they look at other repairs; gone with the tab. */
import { useState } from "react";

const drafts = new Map<string, readonly string[]>();

export function useDraft(id: string, initial: readonly string[]) {
  const [lines, setLines] = useState<readonly string[]>(() => drafts.get(id) ?? initial);
  function change(next: readonly string[]) {
    drafts.set(id, next);
    setLines(next);
  }
  function reset() {
    drafts.delete(id);
    setLines(initial);
  }
  return { lines, change, reset };
}
