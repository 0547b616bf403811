// Run after a build: the first page's own code and every other chunk have to stay small. Sizes are gzipped, since that
// is what travels. Chunks that import each other in a circle run in an order nobody wrote, and may meet what is not there
// yet: there is none of them. Exits with 1 when something is too large or goes round.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MAIN_KB = 250;
const CHUNK_KB = 300;
const dist = new URL("../dist/", import.meta.url);

const sizeOf = (name) => gzipSync(readFileSync(new URL(name, dist))).length / 1000;
const html = readFileSync(new URL("index.html", dist), "utf8");
// What index.html names is loaded before anything is shown: the entry and the chunks it imports.
const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((found) => found[1]);
const chunks = readdirSync(new URL("assets/", dist))
  .filter((name) => name.endsWith(".js"))
  .map((name) => ({ name: `assets/${name}`, kb: sizeOf(`assets/${name}`) }))
  .sort((left, right) => right.kb - left.kb);
const styles = readdirSync(new URL("assets/", dist)).filter((name) => name.endsWith(".css"));

const firstKb = chunks.filter(({ name }) => first.includes(name)).reduce((sum, { kb }) => sum + kb, 0);
const stylesKb = styles.reduce((sum, name) => sum + sizeOf(`assets/${name}`), 0);
for (const { name, kb } of chunks.slice(0, 12)) {
  process.stdout.write(`${kb.toFixed(1).padStart(7)} kB  ${name}${first.includes(name) ? "  (first)" : ""}\n`);
}
process.stdout.write(`${firstKb.toFixed(1).padStart(7)} kB  before the first page (at most ${MAIN_KB})\n`);
process.stdout.write(`${stylesKb.toFixed(1).padStart(7)} kB  styles\n`);

const imports = new Map(
  chunks.map(({ name }) => {
    const code = readFileSync(new URL(name, dist), "utf8");
    return [name, [...code.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)].map((found) => `assets/${found[1]}`)];
  }),
);
const circles = [];
const walked = new Set();
function walk(name, path) {
  if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(" -> "));
  if (walked.has(name)) return;
  walked.add(name);
  for (const next of imports.get(name) ?? []) walk(next, [...path, name]);
}
for (const name of imports.keys()) walk(name, []);

const tooLarge = chunks.filter(({ kb }) => kb > CHUNK_KB);
if (first.length === 0) throw new Error("dist/index.html names no script; build first");
if (circles.length > 0) {
  process.stderr.write(`Chunks that wait for each other (see GROUPS in vite.config.ts):\n  ${circles.join("\n  ")}\n`);
  process.exit(1);
}
if (firstKb > MAIN_KB || tooLarge.length > 0) {
  process.stderr.write(`Too large: ${tooLarge.map(({ name }) => name).join(", ") || "what is loaded first"}\n`);
  process.exit(1);
}
