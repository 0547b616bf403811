/** What can be done with one column: order, filter, hide, and see where it comes from. */
import { ActionIcon, Menu, Text } from "@mantine/core";
import {
  IconChevronDown,
  IconEyeOff,
  IconFilter,
  IconGitBranch,
  IconSortAscending,
  IconSortDescending,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useRef } from "react";

import { columnTitle, type GridColumn } from "@/features/views/columns";

export interface ColumnActions {
  onSort: (sort: string) => void;
  onFilter: (column: string) => void;
  onHide: (column: string) => void;
}

const ORDER_WORDS: Partial<Record<GridColumn["type"], [string, string]>> = {
  text: ["A to Z", "Z to A"],
  date: ["Oldest first", "Newest first"],
  timestamp: ["Oldest first", "Newest first"],
  boolean: ["No first", "Yes first"],
};

interface ColumnMenuProps {
  view: string;
  column: GridColumn;
  actions: ColumnActions;
  isOnly: boolean;
}

export function ColumnMenu({ view, column, actions, isOnly }: ColumnMenuProps) {
  const { name, type, description } = column;
  const isSortable = type !== "texts" && type !== "sources";
  const [upward, downward] = ORDER_WORDS[type] ?? ["Smallest first", "Largest first"];
  const hasLineage = !name.startsWith("_");
  const isFilterWanted = useRef(false);

  // The menu gives the focus back when it closes; what is opened before that would lose it.
  function filterNow() {
    if (isFilterWanted.current) actions.onFilter(name);
    isFilterWanted.current = false;
  }

  return (
    <Menu position="bottom-end" width={250} withinPortal onExitTransitionEnd={filterNow}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Menu of ${columnTitle(name)}`}>
          <IconChevronDown size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" ff="monospace" c="var(--mantine-color-text)">
            {name} · {type}
          </Text>
          {description}
        </Menu.Label>
        {isSortable && (
          <>
            <Menu.Item leftSection={<IconSortAscending size={16} />} onClick={() => actions.onSort(name)}>
              {upward}
            </Menu.Item>
            <Menu.Item leftSection={<IconSortDescending size={16} />} onClick={() => actions.onSort(`-${name}`)}>
              {downward}
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<IconFilter size={16} />} onClick={() => (isFilterWanted.current = true)}>
          Filter by this column
        </Menu.Item>
        {hasLineage && (
          <Menu.Item
            leftSection={<IconGitBranch size={16} />}
            renderRoot={(props) => <Link to="/lineage" search={{ view, column: name } as never} {...props} />}
          >
            Where it comes from
          </Menu.Item>
        )}
        {!isOnly && (
          <Menu.Item leftSection={<IconEyeOff size={16} />} onClick={() => actions.onHide(name)}>
            Hide
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
