/** One filter: a column, how it is compared, and with what. */
import { Button, Group, Select, Stack } from "@mantine/core";
import { useState, type FormEvent } from "react";

import type { ViewColumn } from "@/api/queries/views-query";
import type { Kind } from "@/ui/cell-text";
import { columnTitle } from "@/features/views/columns";
import { FilterValue } from "@/features/views/filter-value";
import {
  operatorInWords,
  operatorsOf,
  readValues,
  takesValue,
  type Filter,
  type Operator,
} from "@/features/views/filters";

interface FilterFormProps {
  columns: readonly ViewColumn[];
  connections: ReadonlyMap<string, string>;
  initial: Filter | null;
  /** Where there is no filter yet. */
  column: string;
  /** Whether the column was not chosen yet. */
  isNew: boolean;
  onApply: (filter: Filter) => void;
  onCancel: () => void;
}

const INSIDE = { withinPortal: false };

export function FilterForm({ columns, connections, initial, column, isNew, onApply, onCancel }: FilterFormProps) {
  const kindOf = (name: string): Kind => columns.find((each) => each.name === name)?.type ?? "text";
  const firstOperator = (name: string): Operator => operatorsOf(kindOf(name))[0] ?? "notnull";
  const [filter, setFilter] = useState<Filter>(initial ?? { column, operator: firstOperator(column), value: "" });
  const [error, setError] = useState<string | null>(null);
  const kind = kindOf(filter.column);

  function change(next: Partial<Filter>) {
    setError(null);
    setFilter({ ...filter, ...next });
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = wrongValue(filter, kind);
    if (wrong === null) onApply(filter);
    else setError(wrong);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Select
          label="Column"
          data={columns.map(({ name }) => ({ value: name, label: columnTitle(name) }))}
          value={filter.column}
          onChange={(name) => name !== null && change({ column: name, operator: firstOperator(name), value: "" })}
          searchable
          openOnFocus={false}
          data-autofocus={isNew || undefined}
          maxDropdownHeight={220}
          comboboxProps={INSIDE}
        />
        <Select
          label="Condition"
          data={operatorsOf(kind).map((each) => ({ value: each, label: operatorInWords(each, kind) }))}
          value={filter.operator}
          onChange={(next) => {
            const operator = operatorsOf(kind).find((each) => each === next) ?? filter.operator;
            // A list and a single value are written in different ways.
            const isSameShape = (operator === "in") === (filter.operator === "in");
            change({ operator, value: isSameShape ? filter.value : "" });
          }}
          allowDeselect={false}
          openOnFocus={false}
          comboboxProps={INSIDE}
        />
        {takesValue(filter.operator) && (
          <FilterValue
            kind={kind}
            operator={filter.operator}
            value={filter.value}
            onChange={(value) => change({ value })}
            connections={connections}
            error={error}
            isFirst={!isNew}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="xs" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" size="xs">
            Apply
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const SHAPES: Partial<Record<Kind, [RegExp, string]>> = {
  integer: [/^[+-]?\d{1,19}$/, "A whole number, such as 250"],
  decimal: [/^[+-]?(\d+(\.\d{0,9})?|\.\d{1,9})$/, "A number, such as 1250.50"],
  date: [/^\d{4}-\d{2}-\d{2}$/, "A day"],
};

function wrongValue({ operator, value }: Filter, kind: Kind): string | null {
  if (!takesValue(operator)) return null;
  const values = operator === "in" ? readValues(value) : [value];
  if (values.length === 0 || (values.some((each) => each === "") && operator !== "eq" && operator !== "ne"))
    return "Give a value";
  const [shape, meant] = SHAPES[kind] ?? [];
  if (shape !== undefined && !values.every((each) => shape.test(each))) return meant ?? null;
  return kind !== "text" && kind !== "texts" && value === "" ? "Give a value" : null;
}
