/** One field of a configuration, by what it holds. */
import { JsonInput, PasswordInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";

import type { ConfigField } from "@/features/connections/config-schema";
import { FileChooser } from "@/features/connections/file-chooser";

interface ConfigFieldInputProps {
  field: ConfigField;
  value: string | string[] | undefined;
  onChange: (value: string | string[]) => void;
  error: string | undefined;
  /** Stands in an empty field of credentials that are stored. */
  kept: boolean;
}

export function ConfigFieldInput({ field, value, onChange, error, kept }: ConfigFieldInputProps) {
  const text = typeof value === "string" ? value : "";
  const fallback = fallbackInWords(field.fallback);
  const base = { label: field.label, description: field.description, error, withAsterisk: field.isRequired && !kept };
  const typed = {
    ...base,
    value: text,
    placeholder: kept && field.isSecret ? "Stays as it is unless you write here" : fallback,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    autoComplete: "off",
  };
  switch (field.look) {
    case "file":
      return <FileChooser value={text} onChange={onChange} error={error} />;
    case "secret":
      return <PasswordInput {...typed} autoComplete="new-password" />;
    case "key-text":
      return <Textarea {...typed} autosize minRows={3} maxRows={8} spellCheck={false} styles={{ input: MASKED }} />;
    case "choice":
      return (
        <Select
          {...base}
          data={field.options}
          value={text === "" ? null : text}
          onChange={(next) => onChange(next ?? "")}
          placeholder={fallback ?? "By itself"}
          clearable
        />
      );
    case "yes-no":
      return (
        <Select
          {...base}
          data={[
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ]}
          value={text === "" ? null : text}
          onChange={(next) => onChange(next ?? "")}
          placeholder={fallback ?? "By itself"}
          clearable
        />
      );
    case "list":
      return (
        <TagsInput
          {...base}
          value={Array.isArray(value) ? value : []}
          onChange={onChange}
          placeholder={fallback ?? "All"}
          splitChars={[","]}
        />
      );
    case "json":
      return (
        <JsonInput
          {...base}
          value={text}
          onChange={onChange}
          placeholder={fallback}
          autosize
          minRows={2}
          maxRows={10}
          validationError={undefined}
        />
      );
    case "number":
      return <TextInput {...typed} inputMode="decimal" />;
    case "text":
      return <TextInput {...typed} />;
  }
}

// Dots instead of letters, as in a password field, over several lines.
const MASKED = { WebkitTextSecurity: "disc", fontFamily: "var(--mantine-font-family-monospace)" };

function fallbackInWords(fallback: unknown): string | undefined {
  if (fallback === undefined) return undefined;
  return typeof fallback === "object" ? JSON.stringify(fallback) : String(fallback);
}
