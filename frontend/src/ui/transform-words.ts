/** How a rule reads a source field, in words: `scale by 0.01`. A kind that is not known here is told by its name. */

export interface Transform {
  kind?: unknown;
  args?: unknown;
}

type Args = Record<string, unknown>;

const WORDS: Record<string, (args: Args) => string> = {
  cast: () => "as it is",
  trim: () => "trimmed",
  lower: () => "lower case",
  upper: () => "upper case",
  epoch: (args) => `counted from 1970 in ${said(args["unit"])}`,
  date_format: (args) => `date as ${said(args["format"])}`,
  scale: (args) => `times ${said(args["factor"])}`,
  number_format: (args) => `number with “${said(args["decimal"])}” for decimals`,
  enum_map: (args) => `${entries(args["values"])} words translated`,
  boolean_map: () => "yes and no by its words",
  split: (args) => `${part(args["index"])} of a split at “${said(args["separator"])}”`,
  list: (args) => `list, split at “${said(args["separator"])}”`,
  constant: (args) => `always “${said(args["value"])}”`,
  concat: (args) => `joined with ${list(args["fields"])}`,
};

export function transformInWords(transform: Transform): string {
  const kind = typeof transform.kind === "string" ? transform.kind : "";
  const args = isRecord(transform.args) ? transform.args : {};
  if (kind === "chain") {
    const steps = Array.isArray(args["steps"]) ? args["steps"].filter(isRecord) : [];
    return steps.map((step) => transformInWords(step)).join(", then ");
  }
  return WORDS[kind]?.(args) ?? (kind === "" ? "not told" : kind);
}

function said(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}

function part(index: unknown): string {
  if (index === "rest") return "the rest";
  if (typeof index !== "number") return said(index);
  return index < 0 ? "last part" : `part ${index + 1}`;
}

function entries(values: unknown): number {
  return isRecord(values) ? Object.keys(values).length : 0;
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map(said).join(", ") : "?";
}

function isRecord(value: unknown): value is Args {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
