/** How queries behave: what is worth trying again, and when. */
import { QueryClient } from "@tanstack/react-query";

import { ProblemError } from "@/api/problem";
import { OrganisationChanged } from "@/api/session";

const ATTEMPTS = 3;
const LONGEST_WAIT_MS = 30_000;

/** The API's answers to a mistake do not change by asking again; that it is busy or away may. */
export function isWorthRetrying(failures: number, error: unknown): boolean {
  if (failures >= ATTEMPTS || error instanceof OrganisationChanged) return false;
  if (error instanceof ProblemError) return error.status === 429 || error.status >= 500;
  return error instanceof TypeError;
}

/** As long as the API asks to wait, and else a second, two, four. */
export function retryDelayMs(failures: number, error: unknown): number {
  if (error instanceof ProblemError && error.retryAfterS !== null)
    return Math.min(error.retryAfterS * 1000, LONGEST_WAIT_MS);
  return Math.min(1000 * 2 ** failures, LONGEST_WAIT_MS);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: isWorthRetrying,
        retryDelay: retryDelayMs,
        // Live events say what is out of date; this is for what they do not tell of.
        staleTime: 30_000,
        refetchOnWindowFocus: true,
      },
      // A change is repeated by the person who wanted it.
      mutations: { retry: false },
    },
  });
}
