/** What stands above the rows: search, filters, columns, saved listings, time and export. */
import { CloseButton, Group, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";

import type { View } from "@/api/queries/views-query";
import { AsOfMenu } from "@/features/views/as-of-menu";
import type { Asked } from "@/features/views/asked";
import type { Filled } from "@/features/views/columns";
import { ColumnsMenu } from "@/features/views/columns-menu";
import { ExportMenu } from "@/features/views/export-menu";
import { VIEW_FIELDS } from "@/features/views/fields";
import { FilterPills, type Editing } from "@/features/views/filter-pills";
import { SavedMenu } from "@/features/views/saved-menu";
import { orNone } from "@/ui/texts-field";
import { useHotkey } from "@/ui/use-hotkey";
import { useUrlState } from "@/ui/use-url-state";

interface GridToolsProps {
  view: View;
  asked: Asked;
  columns: readonly string[];
  connections: ReadonlyMap<string, string>;
  filled: Filled;
  editing: Editing | null;
  onEdit: (editing: Editing | null) => void;
  onColumns: (names: readonly string[]) => void;
  onReset: (() => void) | null;
}

export function GridTools(props: GridToolsProps) {
  const { view, asked, columns, connections, filled, editing, onEdit, onColumns, onReset } = props;
  const [search, set] = useUrlState(VIEW_FIELDS);
  const now = { q: search.q, where: search.where, sort: search.sort, columns };
  return (
    <Group justify="space-between" align="flex-start" gap="xs">
      <Group gap="xs">
        <SearchField q={search.q} onSearch={(q) => set({ q })} />
        <FilterPills
          columns={view.columns}
          connections={connections}
          where={search.where}
          onChange={(where) => set({ where: orNone(where) })}
          editing={editing}
          onEdit={onEdit}
        />
      </Group>
      <Group gap="xs">
        <AsOfMenu view={view.name} asOf={search.as_of} onChange={(as_of) => set({ as_of, row: "" })} />
        <SavedMenu
          view={view.name}
          now={now}
          onOpen={({ q, where, sort, columns: names }) =>
            set({ q, where: orNone(where), sort, columns: orNone(names) })
          }
        />
        <ColumnsMenu view={view} filled={filled} shown={columns} onChange={onColumns} onReset={onReset} />
        <ExportMenu asked={asked} columns={columns} />
      </Group>
    </Group>
  );
}

/** Asks when the typing pauses. */
function SearchField({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  const [known, setKnown] = useState(q);
  // The address changed by itself: by Back, or a saved listing.
  if (q !== known) {
    setKnown(q);
    setTyped(q);
  }
  const search = useDebouncedCallback((text: string) => {
    setKnown(text);
    onSearch(text);
  }, 350);
  useHotkey("/", "Search the rows", () => field.current?.focus());
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label="Search the text columns"
      placeholder="Search the text columns"
      leftSection={<IconSearch size={16} />}
      w={{ base: "100%", xs: 250 }}
      value={typed}
      maxLength={200}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        search(currentTarget.value.trim());
      }}
      rightSection={
        typed !== "" && (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setTyped("");
              search("");
            }}
          />
        )
      }
    />
  );
}
