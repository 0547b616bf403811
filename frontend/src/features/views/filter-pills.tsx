/** The filters in force, each to change or take away, and the way to another one. */
import { ActionIcon, Button, Popover, UnstyledButton } from "@mantine/core";
import { IconFilterPlus, IconX } from "@tabler/icons-react";

import type { ViewColumn } from "@/api/queries/views-query";
import { cellText, type Kind } from "@/ui/cell-text";
import { columnTitle } from "@/features/views/columns";
import { FilterForm } from "@/features/views/filter-form";
import { operatorInWords, readFilter, readValues, takesValue, writeFilter } from "@/features/views/filters";
import classes from "./filter-pills.module.css";

/** Which filter is written: one in force by its place, or a new one of a column; null: that is chosen yet. */
export type Editing = { at: number } | { column: string | null };

interface FilterPillsProps {
  columns: readonly ViewColumn[];
  connections: ReadonlyMap<string, string>;
  where: readonly string[];
  onChange: (where: readonly string[]) => void;
  editing: Editing | null;
  onEdit: (editing: Editing | null) => void;
}

export function FilterPills({ columns, connections, where, onChange, editing, onEdit }: FilterPillsProps) {
  const kindOf = (name: string): Kind => columns.find((each) => each.name === name)?.type ?? "text";
  const first = columns.find(({ name }) => name === "name") ?? columns.find(({ name }) => !name.startsWith("_"));

  function apply(text: string) {
    const at = editing !== null && "at" in editing ? editing.at : where.length;
    onChange([...where.slice(0, at), text, ...where.slice(at + 1)]);
    onEdit(null);
  }

  return (
    <>
      <Popover
        opened={editing !== null}
        onChange={(opened) => !opened && onEdit(null)}
        position="bottom-start"
        width={300}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<IconFilterPlus size={16} />}
            onClick={() => onEdit(editing === null ? { column: null } : null)}
            aria-expanded={editing !== null}
          >
            Filter
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Filter">
          {editing !== null && (
            <FilterForm
              key={"at" in editing ? editing.at : editing.column}
              columns={columns}
              connections={connections}
              initial={"at" in editing ? readFilter(where[editing.at] ?? "") : null}
              column={("column" in editing ? editing.column : null) ?? first?.name ?? "_entity_id"}
              isNew={"column" in editing && editing.column === null}
              onApply={(filter) => apply(writeFilter(filter))}
              onCancel={() => onEdit(null)}
            />
          )}
        </Popover.Dropdown>
      </Popover>
      {where.map((text, at) => {
        const words = filterInWords(text, kindOf, connections);
        return (
          <span key={`${text}-${at}`} className={classes.pill}>
            <UnstyledButton className={classes.words} onClick={() => onEdit({ at })} aria-label={`Change: ${words}`}>
              {words}
            </UnstyledButton>
            <ActionIcon
              variant="transparent"
              color="gray"
              size={22}
              onClick={() => onChange(where.filter((_, other) => other !== at))}
              aria-label={`Take away: ${words}`}
            >
              <IconX size={14} />
            </ActionIcon>
          </span>
        );
      })}
    </>
  );
}

function filterInWords(
  text: string,
  kindOf: (column: string) => Kind,
  connections: ReadonlyMap<string, string>,
): string {
  const filter = readFilter(text);
  if (filter === null) return text;
  const { column, operator, value } = filter;
  const kind = kindOf(column);
  const start = `${columnTitle(column)} ${operatorInWords(operator, kind)}`;
  if (!takesValue(operator)) return start;
  if (operator === "in") return `${start} ${readValues(value).join(", ")}`;
  if (kind === "sources") return `${start} ${connections.get(value) ?? value}`;
  if (kind === "boolean") return `${start} ${value === "true" ? "yes" : "no"}`;
  return `${start} ${kind === "text" ? `“${value}”` : cellText(value, kind, connections)}`;
}
