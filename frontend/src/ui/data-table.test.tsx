import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { DataTable, type Sort } from "@/ui/data-table";

const COLUMNS = [
  { key: "name", header: "Name", cell: (row: { id: number }) => `row ${row.id}`, sortable: true },
  { key: "do", header: "", cell: () => <button>do</button> },
];
const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

function show(count: number | undefined, more: Partial<Parameters<typeof DataTable<{ id: number }>>[0]> = {}) {
  render(
    <MantineProvider env="test">
      <DataTable
        label="Things"
        columns={COLUMNS}
        rows={count === undefined ? undefined : rows(count)}
        rowKey={(row) => `${row.id}`}
        {...more}
      />
    </MantineProvider>,
  );
}

test("of many rows only those near the view are drawn, and their number is told", () => {
  show(5000);
  expect(screen.getByRole("table", { name: "Things" })).toHaveAttribute("aria-rowcount", "5001");
  expect(screen.getAllByRole("row").length).toBeLessThan(80);
});

test("arrows move between rows, Enter opens one, a button in it does not", async () => {
  const opened = vi.fn();
  show(3, { onOpen: opened });
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}{Enter}");
  expect(opened.mock.calls).toEqual([[{ id: 1 }]]);
  await user.click(screen.getAllByRole("button", { name: "do" })[0]!);
  expect(opened).toHaveBeenCalledTimes(1);
});

test("a heading asks for the other direction", async () => {
  const sorted = vi.fn<(sort: Sort) => void>();
  show(2, { onSort: sorted, sort: { key: "name", descending: false } });
  expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  await userEvent.click(screen.getByRole("button", { name: "Name" }));
  expect(sorted).toHaveBeenCalledWith({ key: "name", descending: true });
});

test("loading, nothing and failure each have a face", () => {
  show(undefined);
  expect(screen.getByRole("table")).toHaveAttribute("aria-busy", "true");
  show(0, { label: "None" });
  expect(screen.getByText("Nothing here")).toBeVisible();
  show(undefined, { error: new TypeError("Failed to fetch") });
  expect(screen.getByRole("alert")).toHaveTextContent("The server cannot be reached");
});
