/** Buckets of predicted probability as the API counts them. */
import type { Schemas } from "@/api/types";

export type Bucket = Schemas["CalibrationOut"];

/** Decisions that tell something: approved as what is known. */
export function toldOf({ approved, changed, rejected, taken_back }: Bucket): number {
  return approved + changed + rejected + taken_back;
}

export function bucketName({ low, high }: Bucket): string {
  return `${low.toFixed(1)}–${high.toFixed(1)}`;
}
