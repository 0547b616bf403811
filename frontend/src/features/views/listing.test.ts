import { expect, test } from "vitest";

import { cellText, groupDigits } from "@/ui/cell-text";
import { widthOf } from "@/features/views/use-widths";
import { readFilter, readValues, writeFilter, writeValues } from "@/features/views/filters";
import { valueChanges } from "@/features/views/row-changes";
import { nextSort } from "@/features/views/sort";

test("a filter is read as it was written, colons and all", () => {
  const filter = { column: "website", operator: "eq", value: "https://acme.example:8080" } as const;
  expect(readFilter(writeFilter(filter))).toEqual(filter);
  expect(writeFilter({ column: "fax", operator: "isnull", value: "left over" })).toBe("fax:isnull");
  expect(readFilter("fax:nonsense:1")).toBeNull();
});

test("values with commas stay one value", () => {
  expect(readValues(writeValues(["Tools, Inc", "Glass"]))).toEqual(["Tools, Inc", "Glass"]);
  expect(readValues("a,b")).toEqual(["a", "b"]);
  expect(readValues("[broken")).toEqual([]);
});

test("a heading goes up, down, off; with Shift it comes after the others", () => {
  expect(nextSort("", "name", false)).toBe("name");
  expect(nextSort("name", "name", false)).toBe("-name");
  expect(nextSort("-name", "name", false)).toBe("");
  expect(nextSort("name", "fax", true)).toBe("name,fax");
  expect(nextSort("name,fax", "fax", true)).toBe("name,-fax");
  expect(nextSort("name,-fax", "fax", true)).toBe("name");
});

test("a change tells what was before; as far back as it is kept nothing was", () => {
  const at = "2026-03-01T08:00:00Z";
  const changes = [
    { snapshot_id: 3, published_at: at, present: true, changed: { name: "Acme", fax: "1" } },
    { snapshot_id: 2, published_at: at, present: true, changed: { city: "Oslo" } },
    { snapshot_id: 1, published_at: at, present: true, changed: { name: "ACME", city: null, _source_count: 1 } },
  ];
  expect(valueChanges(changes, 0)).toEqual([
    { column: "name", before: "ACME", after: "Acme" },
    { column: "fax", before: null, after: "1" },
  ]);
  expect(valueChanges(changes, 2)).toEqual([{ column: "name", before: undefined, after: "ACME" }]);
});

test("a column is as wide as its numbers, however long; of texts as most of them", () => {
  const column = (type: "integer" | "text") => ({ name: "size", type, description: null, required: null });
  const rows = [{ size: "12345678901234567890" }, { size: "1" }];
  expect(widthOf(column("integer"), rows, new Map())).toBeGreaterThan(26 * 8);
  expect(widthOf(column("text"), [{ size: "x".repeat(4000) }], new Map())).toBe(280);
});

test("numbers keep every digit; what has no value has no text", () => {
  expect(groupDigits("-12345678901234567890.120")).toBe("-12,345,678,901,234,567,890.120");
  expect(groupDigits("1e+21")).toBe("1e+21");
  expect(cellText(null, "decimal", new Map())).toBe("");
  expect(cellText(false, "boolean", new Map())).toBe("No");
  expect(cellText("2026-03-01", "date", new Map())).toBe("1 Mar 2026");
  expect(cellText([{ connection_id: "1" }], "sources", new Map([["1", "CRM"]]))).toBe("CRM");
});
