/** What is typed into a form of a configuration, and what is sent of it. */
import type { ConfigField } from "@/features/connections/config-schema";

/** Texts and lists as they are typed; numbers and JSON as text until they are sent. */
export type ConfigValues = Record<string, string | string[]>;

export interface Collected {
  config: Record<string, unknown>;
  credentials: Record<string, unknown>;
  errors: Record<string, string>;
}

/** The values of a stored configuration; credentials are not among them, since nobody can read those. */
export function valuesOf(fields: readonly ConfigField[], config: Record<string, unknown>): ConfigValues {
  const shown = fields.filter(({ isSecret, name }) => !isSecret && (config[name] ?? null) !== null);
  return Object.fromEntries(shown.map((field) => [field.name, written(field, config[field.name])]));
}

function written(field: ConfigField, value: unknown): string | string[] {
  if (field.look === "list") return Array.isArray(value) ? value.map(String) : [];
  if (field.look === "json") return JSON.stringify(value, null, 2);
  return String(value);
}

/** What is given, parted into configuration and credentials; what is left empty is left out. */
export function collect(fields: readonly ConfigField[], values: ConfigValues): Collected {
  const collected: Collected = { config: {}, credentials: {}, errors: {} };
  for (const field of fields) {
    const typed = values[field.name] ?? "";
    if (typed.length === 0 || (typeof typed === "string" && typed.trim() === "")) {
      // Credentials may come from a secret by name instead; the source says when none came at all.
      if (field.isRequired && !field.isSecret) collected.errors[field.name] = "This is needed";
      continue;
    }
    try {
      (field.isSecret ? collected.credentials : collected.config)[field.name] = read(field, typed);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      collected.errors[field.name] = field.look === "number" ? "Write a number" : "This is no JSON";
    }
  }
  return collected;
}

function read(field: ConfigField, typed: string | string[]): unknown {
  if (typeof typed !== "string") return typed;
  if (field.look === "json") return JSON.parse(typed);
  if (field.look === "yes-no") return typed === "true";
  if (field.look === "number") {
    const value = Number(typed);
    if (!Number.isFinite(value)) throw new SyntaxError("no number");
    return value;
  }
  return field.isSecret ? typed : typed.trim();
}

/** What differs from what is stored; a field that was emptied is null, which takes it away. */
export function changedConfig(
  fields: readonly ConfigField[],
  stored: Record<string, unknown>,
  config: Record<string, unknown>,
): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const { name, isSecret } of fields) {
    if (isSecret || JSON.stringify(stored[name] ?? null) === JSON.stringify(config[name] ?? null)) continue;
    changed[name] = config[name] ?? null;
  }
  return changed;
}
