// The types of the API's client have to be those that openapi.json gives. Exits with 1 when they are not; a test of the
// API compares openapi.json with what the application answers.
import { readFileSync } from "node:fs";

import openapiTS, { astToString } from "openapi-typescript";

const at = (path) => new URL(`../${path}`, import.meta.url);
const CLIENT = "src/api/schema.d.ts";
const withoutHeader = (source) => source.replace(/^\/\*\*[\s\S]*?\*\/\s*/, "").trim();

const made = astToString(await openapiTS(at("openapi.json")));
if (withoutHeader(made) !== withoutHeader(readFileSync(at(CLIENT), "utf8"))) {
  process.stderr.write(`${CLIENT} is not what openapi.json says: run \`npm run client\` in frontend/\n`);
  process.exit(1);
}
