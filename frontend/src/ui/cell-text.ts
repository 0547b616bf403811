/** Values as people read them. Numbers that came as text keep every digit. */
import type { ViewColumn } from "@/api/queries/views-query";

export type Kind = ViewColumn["type"];

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** Empty for a cell without a value. `connections` are names by id. */
export function cellText(value: unknown, kind: Kind, connections: ReadonlyMap<string, string>): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    return value.map((each) => (kind === "sources" ? sourceText(each, connections) : plainText(each))).join(", ");
  }
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (kind === "integer" || kind === "decimal") return groupDigits(String(value));
  if (kind === "timestamp" && typeof value === "string") return formatted(moment, value);
  if (kind === "date" && typeof value === "string") return formatted(day, value);
  return readable(plainText(value));
}

/** Keys of several parts are joined by a sign that no font draws. */
export function readable(text: string): string {
  return text.replaceAll("\u001f", " · ");
}

/** What is copied: the value as the API gives it. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function groupDigits(digits: string): string {
  const [, sign = "", whole = "", rest = ""] = /^([+-]?)(\d+)(\.\d+)?$/.exec(digits) ?? [];
  return whole === "" ? digits : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest}`;
}

export function isRight(kind: Kind): boolean {
  return kind === "integer" || kind === "decimal";
}

function formatted(format: Intl.DateTimeFormat, text: string): string {
  const parsed = new Date(text);
  return Number.isNaN(parsed.getTime()) ? text : format.format(parsed);
}

function sourceText(source: unknown, connections: ReadonlyMap<string, string>): string {
  if (typeof source !== "object" || source === null || !("connection_id" in source)) return plainText(source);
  return connections.get(String(source.connection_id)) ?? "deleted connection";
}
