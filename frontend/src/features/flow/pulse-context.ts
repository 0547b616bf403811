/** The pulses, for the places and lines of the picture: each draws itself anew, the picture as a whole does not. */
import { createContext, useContext, useSyncExternalStore } from "react";

import type { FlowTone } from "@/features/flow/effects";
import { PulseStore, type Pulse } from "@/features/flow/pulses";

export const PulseContext = createContext<PulseStore>(new PulseStore());

export function useLinePulses(line: string): readonly Pulse[] | undefined {
  const store = useContext(PulseContext);
  return useSyncExternalStore(store.subscribe, () => store.read().lines.get(line));
}

export function usePlaceTone(place: string): FlowTone | undefined {
  const store = useContext(PulseContext);
  return useSyncExternalStore(store.subscribe, () => store.read().places.get(place));
}
