/** A filter with known values: one of them, or none at all. */
import { Select } from "@mantine/core";

interface FilterSelectProps<T extends string> {
  label: string;
  /** Said while nothing is chosen, such as "Every kind". */
  all: string;
  options: readonly { value: T; label: string }[];
  value: T | null;
  onChange: (value: T | null) => void;
  disabled?: boolean;
  width?: number;
}

export function FilterSelect<T extends string>(props: FilterSelectProps<T>) {
  const { label, all, options, value, onChange, disabled, width = 200 } = props;
  return (
    <Select
      aria-label={label}
      placeholder={all}
      data={options}
      value={value}
      onChange={(next) => onChange(options.find((option) => option.value === next)?.value ?? null)}
      disabled={disabled}
      clearable
      clearButtonProps={{ "aria-label": `${label}: ${all.toLowerCase()}` }}
      searchable={options.length > 8}
      w={{ base: "100%", xs: width }}
    />
  );
}
