/** Which place is looked at, by pointer, by keyboard or by the filter; what has nothing to do with it steps back. */
import { createContext } from "react";

import type { Stage } from "@/features/flow/places";

export interface LookedAt {
  isFar: (place: string) => boolean;
  look: (place: string | null) => void;
  openStage: (stage: Stage) => void;
}

const nothing = () => {};

export const LookedAtContext = createContext<LookedAt>({ isFar: () => false, look: nothing, openStage: nothing });
