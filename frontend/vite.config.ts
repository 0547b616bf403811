import { availableParallelism } from "node:os";
import { fileURLToPath, URL } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The application that answers while the dashboard is developed: `./autonomos up`.
const api = process.env.AUTONOMOS_DEV_API ?? "http://127.0.0.1:8000";

const PROXY = { "/api": { target: api, ws: true }, "/openapi.json": api, "/ready": api };

// Packages that change with their version alone stand apart, so that browsers keep them; those that only some pages need
// besides, so that the first page does not wait for them.
const GROUPS = [
  { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
  { name: "charts", test: /node_modules\/(d3-|recharts|victory-vendor|decimal\.js-light|@mantine\/charts)/ },
  // With what it is built on: a chunk of ours that held that and React Flow would wait for each other.
  { name: "flow", test: /node_modules\/(@xyflow|zustand|classcat)\// },
  // With what it is built on, for the same reason.
  {
    name: "mantine",
    test: /node_modules\/(@mantine\/(core|hooks|store)|@floating-ui|tabbable|clsx|tslib|@babel\/runtime|react-(number-format|remove-scroll|remove-scroll-bar|style-singleton|textarea-autosize)|use-(callback-ref|sidecar|composed-ref|latest|isomorphic-layout-effect)|get-nonce|detect-node-es)\//,
  },
  {
    name: "tanstack",
    test: /node_modules\/@tanstack\/(react-router|router-core|history|react-query|query-core|react-store|store)\//,
  },
];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: PROXY },
  preview: { proxy: PROXY },
  build: {
    target: "es2022",
    sourcemap: false,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS, includeDependenciesRecursively: false } } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    css: false,
    restoreMocks: true,
    testTimeout: 20_000,
    // Loading the packages anew for each file took more than half of the time.
    isolate: false,
    // The default leaves one core to whoever sits before the machine; of two that is half.
    maxWorkers: availableParallelism(),
  },
});
