/** Fields of a form from the JSON schema of a kind's configuration. What no simple field fits is written as JSON. */
import type { SourceKind } from "@/features/connections/kinds-query";

export type FieldLook = "text" | "secret" | "key-text" | "choice" | "yes-no" | "number" | "list" | "json" | "file";

export interface ConfigField {
  name: string;
  label: string;
  description: string | undefined;
  look: FieldLook;
  options: string[];
  isRequired: boolean;
  isSecret: boolean;
  /** Asked first; the others have a value that fits most sources. */
  isMain: boolean;
  /** What counts when it is left out; undefined when nothing does. */
  fallback: unknown;
}

interface Schema {
  type?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  default?: unknown;
  description?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
}

export function configFields({ kind, config_schema, secret_fields }: SourceKind): ConfigField[] {
  // The API promises a JSON schema here; the document itself cannot say more than "object".
  const schema = config_schema as Schema;
  return Object.entries(schema.properties ?? {}).map(([name, declared]) => {
    const one = present(declared);
    const isRequired = schema.required?.includes(name) ?? false;
    const isSecret = secret_fields.includes(name);
    const look = kind === "files" && name === "path" ? "file" : lookOf(one, isSecret, declared.description);
    const isSimple = ["text", "secret", "key-text", "choice"].includes(look);
    return {
      name,
      label: labelOf(name),
      description: sentence(declared.description),
      look,
      options: (one.enum ?? []).map(String),
      isRequired,
      isSecret,
      isMain: isRequired || isSecret || (isSimple && (declared.default ?? null) === null),
      fallback: declared.default ?? undefined,
    };
  });
}

/** `string or null` is a string that may be left out. */
function present(schema: Schema): Schema {
  return schema.anyOf?.find((one) => one.type !== "null") ?? schema;
}

function lookOf(schema: Schema, isSecret: boolean, description: string | undefined): FieldLook {
  // A password field has one line; a PEM has many.
  if (isSecret) return description?.includes("PEM") ? "key-text" : "secret";
  if (schema.enum !== undefined) return "choice";
  if (schema.type === "string") return "text";
  if (schema.type === "boolean") return "yes-no";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "array" && schema.items?.type === "string") return "list";
  return "json";
}

const SPELLED: Record<string, string> = {
  url: "URL",
  api: "API",
  jwt: "JWT",
  id: "ID",
  s: "(seconds)",
  db: "Database",
};

/** `instance_url` -> `Instance URL`. */
export function labelOf(name: string): string {
  const words = name.split("_").map((word) => SPELLED[word] ?? word);
  const label = words.join(" ");
  return label.charAt(0).toUpperCase() + label.slice(1);
}

function sentence(words: string | undefined): string | undefined {
  if (words === undefined || words === "") return undefined;
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}
