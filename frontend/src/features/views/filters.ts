/** Filters as the API takes them, `field:op:value`, and the operators that each kind of column has. */
import type { Kind } from "@/ui/cell-text";

const OPERATORS = {
  eq: "is",
  ne: "is not",
  lt: "is less than",
  lte: "is at most",
  gt: "is more than",
  gte: "is at least",
  in: "is one of",
  contains: "contains",
  starts: "starts with",
  isnull: "is empty",
  notnull: "is not empty",
} as const;

export type Operator = keyof typeof OPERATORS;

export interface Filter {
  column: string;
  operator: Operator;
  value: string;
}

const EMPTINESS: readonly Operator[] = ["isnull", "notnull"];
const ORDERED: readonly Operator[] = ["eq", "ne", "gt", "gte", "lt", "lte", "in", ...EMPTINESS];
const BY_KIND: Record<Kind, readonly Operator[]> = {
  text: ["contains", "eq", "ne", "starts", "in", "lt", "lte", "gt", "gte", ...EMPTINESS],
  integer: ORDERED,
  decimal: ORDERED,
  date: ORDERED,
  timestamp: ["gte", "lt", "gt", "lte", "eq", "ne", ...EMPTINESS],
  boolean: ["eq", "ne", ...EMPTINESS],
  texts: ["contains", ...EMPTINESS],
  sources: ["contains", ...EMPTINESS],
};
const TIME_WORDS: Partial<Record<Operator, string>> = { lt: "before", lte: "until", gt: "after", gte: "since" };

export function operatorsOf(kind: Kind): readonly Operator[] {
  return BY_KIND[kind];
}

export function operatorInWords(operator: Operator, kind: Kind): string {
  const isTime = kind === "date" || kind === "timestamp";
  if (kind === "sources" && operator === "contains") return "has records of";
  return (isTime ? TIME_WORDS[operator] : undefined) ?? OPERATORS[operator];
}

export function takesValue(operator: Operator): boolean {
  return !EMPTINESS.includes(operator);
}

export function writeFilter({ column, operator, value }: Filter): string {
  return takesValue(operator) ? `${column}:${operator}:${value}` : `${column}:${operator}`;
}

/** null for what is no filter; the API says so in its own words. */
export function readFilter(text: string): Filter | null {
  const [column = "", operator = "", ...rest] = text.split(":");
  return isOperator(operator) ? { column, operator, value: rest.join(":") } : null;
}

/** A list of values is sent as JSON, since a value may hold commas. */
export function writeValues(values: readonly string[]): string {
  return JSON.stringify(values);
}

export function readValues(value: string): string[] {
  if (!value.startsWith("[")) return value === "" ? [] : value.split(",");
  try {
    const read: unknown = JSON.parse(value);
    return Array.isArray(read) ? read.map(String) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isOperator(text: string): text is Operator {
  return text in OPERATORS;
}
