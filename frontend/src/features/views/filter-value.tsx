/** The field for a filter's value, fit for the column's kind. Values are texts as the API reads them. */
import { Select, TagsInput, TextInput } from "@mantine/core";

import type { Kind } from "@/ui/cell-text";
import { readValues, writeValues, type Operator } from "@/features/views/filters";

interface FilterValueProps {
  kind: Kind;
  operator: Operator;
  value: string;
  onChange: (value: string) => void;
  /** Those whose records are in the view. */
  connections: ReadonlyMap<string, string>;
  error: string | null;
  /** Whether the writing begins here. */
  isFirst: boolean;
}

const INSIDE = { withinPortal: false };

export function FilterValue({ kind, operator, value, onChange, connections, error, isFirst }: FilterValueProps) {
  if (operator === "in") {
    return (
      <TagsInput
        label="Values"
        description="Enter after each"
        value={readValues(value)}
        onChange={(values) => onChange(writeValues(values))}
        comboboxProps={INSIDE}
        error={error}
        acceptValueOnBlur
        data-autofocus={isFirst || undefined}
      />
    );
  }
  if (kind === "boolean" || kind === "sources") {
    return (
      <Select
        label="Value"
        data={kind === "boolean" ? YES_NO : [...connections].map(([id, label]) => ({ value: id, label }))}
        openOnFocus={false}
        data-autofocus={isFirst || undefined}
        value={value === "" ? null : value}
        onChange={(chosen) => onChange(chosen ?? "")}
        comboboxProps={INSIDE}
        error={error}
      />
    );
  }
  const isMoment = kind === "timestamp";
  return (
    <TextInput
      label="Value"
      description={isMoment ? "In your time zone" : undefined}
      type={isMoment ? "datetime-local" : kind === "date" ? "date" : "text"}
      inputMode={kind === "integer" ? "numeric" : kind === "decimal" ? "decimal" : undefined}
      value={isMoment ? localTime(value) : value}
      onChange={({ currentTarget }) =>
        onChange(isMoment ? universalTime(currentTarget.value) : currentTarget.value.slice(0, 500))
      }
      error={error}
      data-autofocus={isFirst || undefined}
    />
  );
}

const YES_NO = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

/** `2026-03-01T08:00:00.000Z` -> `2026-03-01T09:00` in a zone an hour ahead. */
function localTime(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function universalTime(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}
