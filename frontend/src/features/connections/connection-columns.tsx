/** Columns of the list of connections; on a narrow page the most needed ones alone. */
import type { Connection } from "@/api/types";
import { ConnectionActions } from "@/features/connections/connection-actions";
import { ConnectionName } from "@/features/connections/connection-name";
import { ConnectionStateBadge } from "@/features/connections/connection-state-badge";
import { LastResult } from "@/features/connections/last-result";
import { NextSync } from "@/features/connections/next-sync";
import { WaitingLinks } from "@/features/connections/waiting-links";
import type { Column } from "@/ui/data-table";

export function connectionColumns(isNarrow: boolean): Column<Connection>[] {
  const name: Column<Connection> = {
    key: "name",
    header: "Connection",
    sortable: true,
    cell: (connection) => <ConnectionName connection={connection} isNarrow={isNarrow} />,
  };
  const state: Column<Connection> = {
    key: "state",
    header: "State",
    width: "150px",
    sortable: true,
    cell: (connection) => <ConnectionStateBadge connection={connection} />,
  };
  const actions: Column<Connection> = {
    key: "actions",
    header: "",
    width: "84px",
    align: "right",
    cell: (connection) => <ConnectionActions connection={connection} />,
  };
  if (isNarrow) return [name, actions];
  return [
    name,
    state,
    {
      key: "last",
      header: "Last result",
      width: "350px",
      sortable: true,
      cell: (connection) => <LastResult connection={connection} />,
    },
    {
      key: "next",
      header: "Next sync",
      width: "156px",
      sortable: true,
      cell: (connection) => <NextSync connection={connection} />,
    },
    {
      key: "waiting",
      header: "Waits for a person",
      width: "190px",
      sortable: true,
      cell: (connection) => <WaitingLinks connection={connection} />,
    },
    actions,
  ];
}
