/** Contracts in words. */
import type { Schemas } from "@/api/types";

export type Policy = Schemas["ContractIn"]["policy"];
export type ChangeKind = NonNullable<Schemas["ContractIn"]["kind"]>;

export const POLICIES: { value: Policy; label: string; means: string }[] = [
  { value: "evolve", label: "Evolve", means: "Changes are taken over, and repaired where that is sure." },
  { value: "hold", label: "Hold", means: "Records with the change wait until it is repaired or decided." },
  { value: "freeze", label: "Freeze", means: "Nothing of the stream moves until a person decides." },
];

export const CHANGE_KINDS = [
  "added", "removed", "renamed", "split", "merged", "swapped", "retyped", "nullability", "format", "unit", "enum",
  "currency", "locale", "null_rate", "volume", "stream_added", "stream_removed", "stream_renamed",
] as const satisfies readonly ChangeKind[]; // prettier-ignore

export function kindInWords(kind: string | null): string {
  return kind === null ? "every change" : kind.replaceAll("_", " ");
}
