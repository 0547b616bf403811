// Strict TypeScript, the rules of hooks, and who may import whom: features know the API, live events and ui, never each
// other nor the application; ui knows no page.
import reactHooks from "eslint-plugin-react-hooks";
import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

const features = readdirSync(new URL("src/features", import.meta.url));

function apart(files, banned, message) {
  return { files, rules: { "no-restricted-imports": ["error", { patterns: [{ group: banned, message }] }] } };
}

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  {
    files: ["src/**/*.{ts,tsx}", "vite.config.ts"],
    extends: [...tseslint.configs.strict, reactHooks.configs.flat["recommended-latest"]],
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-invalid-void-type": "off",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text from data is never markup." },
      ],
    },
  },
  ...features.map((name) =>
    apart(
      [`src/features/${name}/**`],
      ["@/app/*", "../*", ...features.filter((other) => other !== name).map((other) => `@/features/${other}/*`)],
      "A feature imports its own folder, api, live and ui; what two need belongs there.",
    ),
  ),
  apart(
    ["src/api/**", "src/live/**"],
    ["@/app/*", "@/features/*", "@/ui/*"],
    "Below the pages nothing knows of pages.",
  ),
  apart(["src/ui/**"], ["@/app/*", "@/features/*", "@/live/*"], "Parts of pages know no page."),
  { files: ["src/**/*.test.{ts,tsx}", "src/test/**"], rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
);
