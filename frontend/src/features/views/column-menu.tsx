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

import { columnTitle, type GridColumn } from "@/features/views/columns";

export interface ColumnActions {
  onSort: (sort: string) => void;
  onFilter: (column: string) => void;
  onHide: (column: string) => void;
}

interface ColumnMenuProps {
  view: string;
  column: GridColumn;
  actions: ColumnActions;
  isOnly: boolean;
}

export function ColumnMenu({ view, column, actions, isOnly }: ColumnMenuProps) {
  const { name, type, description } = column;
  const isSortable = type !== "texts" && type !== "sources";
  const hasLineage = !name.startsWith("_");
  return (
    <Menu position="bottom-end" width={250} withinPortal>
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
              Smallest first
            </Menu.Item>
            <Menu.Item leftSection={<IconSortDescending size={16} />} onClick={() => actions.onSort(`-${name}`)}>
              Largest first
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<IconFilter size={16} />} onClick={() => actions.onFilter(name)}>
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
