import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { sampleConnection } from "@/features/connections/sample-connection";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { answer } from "@/test/server";

const page = (...items: object[]) => ({ items, next_cursor: null, snapshot_id: 3 }) as never;
const waiting = (id: string, stream: string, held: number | null) => ({
  id: `${id}-${stream}`, connection_id: id, stream, records_held: held, status: "open", kind: "renamed",
  fields_before: ["a"], fields_after: ["b"], created_at: "2026-01-01T00:00:00Z",
}); // prettier-ignore

test("records that are held are not told as taken, and lead to the decision", async () => {
  beLoggedIn();
  answer("get", "/aam/connections/c1", sampleConnection(), { headers: { ETag: '"c-1"' } });
  answer("get", "/aam/connections/c1/rejects", page());
  answer("get", "/aam/connections/c1/rejects/summary", { snapshot_id: 3, rejected: 0, reasons: [] });
  answer(
    "get",
    "/aam/approvals",
    page(waiting("c1", "accounts", 12), waiting("c1", "deals", 0), waiting("c2", "x", 5)),
  );
  open("/connections/c1?tab=rejects");
  expect(await screen.findByText("Records of accounts are held")).toBeVisible();
  expect(screen.getByRole("link", { name: "what the change means" })).toHaveAttribute(
    "href",
    "/approvals?connection=c1",
  );
  expect(await screen.findByText("No other record is rejected")).toBeVisible();
  expect(screen.queryByText("Every record was taken")).toBeNull();
});
