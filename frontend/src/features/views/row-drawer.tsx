/** The row that is open: its values with where they come from, its source records, and how it changed. */
import { Drawer, Group, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { View } from "@/api/queries/views-query";
import { cellText, readable } from "@/ui/cell-text";
import { columnTitle } from "@/features/views/columns";
import { VIEW_FIELDS } from "@/features/views/fields";
import { rowQuery, type RowPlace } from "@/api/queries/row-queries";
import { RowHistory } from "@/features/views/row-history";
import { RowSteps } from "@/features/views/row-steps";
import { RowSources } from "@/features/views/row-sources";
import { RowValues } from "@/features/views/row-values";
import { CopyButton } from "@/ui/copy-button";
import { useUrlState } from "@/ui/use-url-state";

const NAMES = ["name", "full_name", "email", "title"];

interface RowDrawerProps {
  view: View;
  /** Rows that are listed, in their order. */
  ids: readonly string[];
  snapshotId: number;
  connections: ReadonlyMap<string, string>;
}

export function RowDrawer({ view, ids, snapshotId, connections }: RowDrawerProps) {
  const [{ row, tab, cell }, set] = useUrlState(VIEW_FIELDS);
  const place: RowPlace = { view: view.name, entityId: row, snapshotId };
  const { data } = useQuery({ ...rowQuery(place), enabled: row !== "" });
  const name = NAMES.map((each) => data?.row[each]).find((each) => typeof each === "string" && each !== "");
  const count = data?.row["_source_count"];

  return (
    <Drawer
      opened={row !== ""}
      onClose={() => set({ row: "", cell: "", tab: "values", side: "read" })}
      position="right"
      size="min(760px, 100vw)"
      title={typeof name === "string" ? readable(name) : `${columnTitle(view.entity)} ${row}`}
      styles={{ title: { lineHeight: 1.3, overflowWrap: "anywhere" } }}
      closeButtonProps={{ "aria-label": "Close the row" }}
    >
      <Group gap={4} mb="xs" mih={28}>
        <RowSteps ids={ids} row={row} onStep={(id) => set({ row: id })} />
        <Text size="sm" c="dimmed" ff="monospace">
          {row}
        </Text>
        <CopyButton value={row} what="id" />
        {typeof count === "number" && (
          <Text size="sm" c="dimmed">
            {count === 1 ? "from one source record" : `joined from ${count} source records`}
          </Text>
        )}
      </Group>
      <Tabs value={tab} onChange={(next) => set({ tab: VIEW_FIELDS.tab.read(next) ?? "values" })} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="values">Values</Tabs.Tab>
          <Tabs.Tab value="sources">Source records</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="values">
          <RowValues
            place={place}
            view={view}
            opened={cell}
            format={(value, kind) => cellText(value, kind, connections)}
          />
        </Tabs.Panel>
        <Tabs.Panel value="sources">
          <RowSources place={place} view={view} connections={connections} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <RowHistory place={place} view={view} connections={connections} />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
}
