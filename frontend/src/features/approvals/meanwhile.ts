/** When two decide at once, one of them does; this is for the other. */
import { ProblemError } from "@/api/problem";

/** 412: it is not what one saw any more; 409: it cannot be decided like this any more; 404: it is gone. */
export function wasDecidedMeanwhile(error: unknown): error is ProblemError {
  return error instanceof ProblemError && [404, 409, 412].includes(error.status);
}
