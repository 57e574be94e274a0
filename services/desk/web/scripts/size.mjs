// Fails when a bundle outgrows what a slow line bears. Counts everything a first visit loads, gzipped; of the languages of the
// desk the largest.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const assets = readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".gz"));
const size = (name) => readFileSync(join(dist, name)).length;

// The files that a page names in its HTML, and those that they import.
function loaded(html) {
  const seen = new Set();
  const visit = (text) => {
    for (const name of assets.map((a) => a.slice(0, -3))) {
      if (seen.has(name) || !text.includes(name)) continue;
      seen.add(name);
      if (name.endsWith(".js")) visit(readFileSync(join(dist, "assets", name), "utf8"));
    }
  };
  visit(readFileSync(join(dist, html), "utf8"));
  return [`${html}.gz`, ...[...seen].map((name) => `assets/${name}.gz`)];
}

const limits = [
  ["desk", loaded("index.html"), 120_000],
  ["chat page", loaded("chat.html"), 25_000],
  ["loader", ["widget.js.gz"], 3_000],
];
let failed = false;
for (const [name, files, limit] of limits) {
  const total = files.reduce((sum, file) => sum + size(file), 0);
  console.log(`${name}: ${(total / 1000).toFixed(1)} kB gzipped of ${limit / 1000} kB in ${files.length} files`);
  if (total > limit) failed = true;
  for (const file of files) if (process.argv.includes("--files")) console.log(`  ${(size(file) / 1000).toFixed(1)} ${file}`);
}
if (failed) {
  console.error("a bundle is larger than its limit");
  process.exitCode = 1;
}
