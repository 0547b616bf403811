/** Where a view, or one of its columns, comes from: from the source streams to what people read. */
import { Button, Group, Select } from "@mantine/core";
import { IconArrowLeft, IconTable } from "@tabler/icons-react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { viewsQuery, type View } from "@/api/queries/views-query";
import { ColumnPanel } from "@/features/lineage/column-panel";
import { LINEAGE_FIELDS } from "@/features/lineage/fields";
import { TablesPanel } from "@/features/lineage/tables-panel";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { PictureSkeleton } from "@/ui/picture-skeleton";
import { useUrlState } from "@/ui/use-url-state";

export const loader = (client: QueryClient): void => void client.prefetchQuery(viewsQuery());

export default function LineagePage() {
  const { data, error, refetch } = useQuery(viewsQuery());
  return (
    <Page title="Data Lineage" subtitle="From source streams to the views, table by table and column by column">
      {data !== undefined ? (
        <Lineage views={data} />
      ) : error === null ? (
        <PictureSkeleton />
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  );
}

function Lineage({ views }: { views: readonly View[] }) {
  const [{ view: wanted, column, row, as_of }, set] = useUrlState(LINEAGE_FIELDS);
  const view = wanted === "" ? firstView(views) : views.find(({ name }) => name === wanted);
  return (
    <>
      <Choice views={views} view={view} column={column} />
      {view === undefined ? (
        <Empty title={wanted === "" ? "There are no views" : `There is no view “${wanted}”`}>
          Choose one of those that are there.
        </Empty>
      ) : column === "" ? (
        <TablesPanel key={view.name} view={view.name} />
      ) : (
        <>
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<IconArrowLeft size={16} />}
              onClick={() => set({ column: "", row: "", as_of: 0 }, true)}
            >
              Whole table
            </Button>
            <Button
              variant="default"
              leftSection={<IconTable size={16} />}
              renderRoot={(props) => (
                <Link
                  to={`/views/${encodeURIComponent(view.name)}`}
                  search={{ where: [`${column}:notnull`] } as never}
                  {...props}
                />
              )}
            >
              Rows with a value
            </Button>
          </Group>
          <ColumnPanel key={`${view.name} ${column}`} view={view} column={column} row={row} asOf={as_of} />
        </>
      )}
    </>
  );
}

const NONE = { column: "", q: "", row: "", as_of: 0 };

interface ChoiceProps {
  views: readonly View[];
  view: View | undefined;
  column: string;
}

function Choice({ views, view, column }: ChoiceProps) {
  const [, set] = useUrlState(LINEAGE_FIELDS);
  const everywhere = views.map(({ name, columns }) => ({
    group: name,
    items: columns.filter((each) => !each.name.startsWith("_")).map((each) => optionOf(name, each.name)),
  }));
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="View"
        data={views.map(({ name }) => name)}
        value={view?.name ?? null}
        onChange={(name) => name !== null && set({ ...NONE, view: name })}
        allowDeselect={false}
        w={{ base: "100%", xs: 200 }}
      />
      <Select
        label="Column of any view"
        placeholder="Search the columns of all views"
        data={everywhere}
        value={view === undefined || column === "" ? null : `${view.name}.${column}`}
        onChange={(chosen) => {
          const [name = "", ...rest] = (chosen ?? "").split(".");
          if (chosen === null) set(NONE);
          // The row stays: its other values are followed in the same way.
          else set({ ...(name === view?.name ? {} : NONE), view: name, column: rest.join("."), q: "" }, true);
        }}
        searchable
        clearable
        limit={60}
        nothingFoundMessage="No column of that name"
        clearButtonProps={{ "aria-label": "Show the whole table" }}
        maxDropdownHeight={320}
        w={{ base: "100%", xs: 340 }}
      />
    </Group>
  );
}

function optionOf(view: string, column: string) {
  return { value: `${view}.${column}`, label: `${view} › ${column}` };
}

/** One that holds something, where there is one. */
function firstView(views: readonly View[]): View | undefined {
  return views.find(({ rows }) => rows !== null && rows > 0) ?? views[0];
}
