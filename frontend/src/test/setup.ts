/** What jsdom lacks, and a server that answers nothing it was not told to. */
import "@testing-library/jest-dom/vitest";
import { notifications } from "@mantine/notifications";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { forgetEverything } from "@/api/session";
import { server } from "@/test/server";

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
}

window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
    dispatchEvent: () => false,
  }) as MediaQueryList;
window.ResizeObserver = NoObserver as unknown as typeof ResizeObserver;
window.IntersectionObserver = NoObserver as unknown as typeof IntersectionObserver;
window.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
// A table draws the rows that fit into its height.
for (const height of ["offsetHeight", "clientHeight"])
  Object.defineProperty(HTMLElement.prototype, height, { configurable: true, value: 600 });
Object.defineProperty(HTMLElement.prototype, "offsetWidth", { configurable: true, value: 1000 });
// The size of a text in a picture.
const getBBox = () => ({ x: 0, y: 0, width: 40, height: 12 });
Object.defineProperty(SVGElement.prototype, "getBBox", { configurable: true, value: getBBox });

// A busy machine takes its time; what never comes still fails.
configure({ asyncUtilTimeout: 5000 });

beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
beforeEach(() => {
  window.localStorage.clear();
  forgetEverything();
});
afterEach(() => {
  cleanup();
  notifications.clean();
  server.resetHandlers();
});
afterAll(() => server.close());
