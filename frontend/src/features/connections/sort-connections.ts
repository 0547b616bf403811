/** Which connections are shown, in which order. All of them are here, so the page does this itself. */
import type { Connection } from "@/api/types";
import { STATES, stateOf, type State } from "@/features/connections/connection-state";
import type { Sort } from "@/ui/data-table";

export const SORTS = ["name", "state", "last", "next", "waiting"] as const;

type Key = (connection: Connection) => string | number;

const KEYS: Record<(typeof SORTS)[number], Key> = {
  name: ({ name }) => name.toLowerCase(),
  state: (connection) => STATES.indexOf(stateOf(connection)),
  last: ({ last_sync: sync }) => sync?.finished_at ?? sync?.requested_at ?? "",
  // Those without a plan come behind all that have one.
  next: ({ next_due_at: at, status }) => (at === null || status === "paused" ? "9" : at),
  waiting: ({ open_drift: drift, open_approvals: approvals }) => drift + approvals,
};

export function sorted(connections: readonly Connection[], sort: Sort): Connection[] {
  const key = KEYS[SORTS.find((name) => name === sort.key) ?? "name"];
  const turn = sort.descending ? -1 : 1;
  return [...connections].sort((left, right) => {
    const [a, b] = [key(left), key(right)];
    return a === b ? left.name.localeCompare(right.name) : a < b ? -turn : turn;
  });
}

export function fitting(connections: readonly Connection[], words: string, state: State | null): Connection[] {
  const wanted = words.trim().toLowerCase();
  return connections.filter(
    (connection) =>
      (state === null || stateOf(connection) === state) &&
      `${connection.name} ${connection.kind} ${connection.owner}`.toLowerCase().includes(wanted),
  );
}
