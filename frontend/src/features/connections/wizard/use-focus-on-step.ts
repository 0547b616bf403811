/** The next step begins at its top, with the keys inside it; the button that led there is gone. */
import { useEffect, useRef } from "react";

import type { Step } from "@/features/connections/wizard/wizard-steps";

export function useFocusOnStep(step: Step) {
  const card = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    card.current?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [step]);
  return card;
}
