/** What a shape is: what new ones are compared with, was so once, or never was; and its digest as people can tell it. */
import type { Fingerprint } from "@/features/aam/fingerprints-query";

export type ShapeStanding = "approved" | "earlier" | "new";

export function standingOf({ is_baseline, decided_by }: Fingerprint): ShapeStanding {
  if (is_baseline) return "approved";
  return decided_by === null ? "new" : "earlier";
}

export const STANDING_WORDS: Record<ShapeStanding, string> = {
  approved: "approved",
  earlier: "approved earlier",
  new: "not approved",
};

/**
 * The digest of fields and types alone. Around it the API keeps what makes two sights of the same shape two: that it was
 * a sample, or since when its values differ.
 */
export function shapeDigest(digest: string): string {
  return /[0-9a-f]{16,}/.exec(digest)?.[0] ?? digest;
}

export function shortDigest(digest: string): string {
  return shapeDigest(digest).slice(0, 8);
}

export function isSample(digest: string): boolean {
  return digest.startsWith("sample-");
}
