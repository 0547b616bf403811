/** What stands above the rows: search, filters, columns, saved listings, time and export. */
import { Group } from "@mantine/core";

import type { View } from "@/api/queries/views-query";
import { AsOfMenu } from "@/features/views/as-of-menu";
import type { Asked } from "@/features/views/asked";
import type { Filled } from "@/features/views/columns";
import { ColumnsMenu } from "@/features/views/columns-menu";
import { ExportMenu } from "@/features/views/export-menu";
import { VIEW_FIELDS } from "@/features/views/fields";
import { FilterPills, type Editing } from "@/features/views/filter-pills";
import { SavedMenu } from "@/features/views/saved-menu";
import { SearchField } from "@/features/views/search-field";
import { orNone } from "@/ui/texts-field";
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
      <Group gap="xs" flex="1 1 300px">
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
