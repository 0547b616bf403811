/** The log-in as components see it. */
import { useSyncExternalStore } from "react";

import { currentSession, onSession, type Session } from "@/api/session";

export function useSession(): Session {
  return useSyncExternalStore(onSession, currentSession);
}
