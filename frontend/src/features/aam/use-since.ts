/** The span that is looked at: since when, and in which steps. The same all day, so that pages do not load anew. */
import { useMemo } from "react";

import { FIELDS } from "@/features/aam/fields";
import { sinceOf, SPANS, type Span, type Step } from "@/features/aam/span";
import { useUrlState } from "@/ui/use-url-state";

export function useSince(): { span: Span; since: string; step: Step } {
  const [{ span }] = useUrlState(FIELDS);
  const since = useMemo(() => sinceOf(span), [span]);
  return { span, since, step: SPANS[span].step };
}
