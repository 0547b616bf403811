import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { published } from "@/features/views/published.test-data";
import { beLoggedIn } from "@/test/log-in";
import { open } from "@/test/open";
import { server } from "@/test/server";

test("an export takes the filters along", async () => {
  published();
  const asked: string[] = [];
  URL.createObjectURL = vi.fn(() => "blob:1");
  URL.revokeObjectURL = vi.fn();
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  server.use(
    http.get(`${window.location.origin}/api/v1/dcl/views/accounts/export`, ({ request }) => {
      asked.push(new URL(request.url).search);
      return new HttpResponse("a,b\n");
    }),
  );
  const { user } = open("/views/accounts?q=acme");
  await user.click(await screen.findByRole("button", { name: "Export" }));
  await user.click(await screen.findByText("Parquet"));
  expect(await screen.findByText("accounts-7.parquet is in your downloads.")).toBeVisible();
  expect(asked[0]).toContain("q=acme");
  expect(asked[0]).toContain("format=parquet");
});

test("who may not export has no button for it", async () => {
  published();
  beLoggedIn({ permissions: ["views.read"] });
  open("/views/accounts");
  expect(await screen.findByRole("gridcell", { name: "Acme" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Export" })).toBeNull();
});
