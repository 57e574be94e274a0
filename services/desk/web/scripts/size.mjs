// Fails when a bundle outgrows what a slow line bears. Counts everything a first visit loads, gzipped.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const size = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;

// The files that a page names in its HTML, and those that they name.
function loaded(site) {
  const assets = readdirSync(join(dist, site, "assets"));
  const seen = new Set();
  const visit = (text) => {
    for (const name of assets) {
      if (seen.has(name) || !text.includes(name)) continue;
      seen.add(name);
      if (name.endsWith(".js")) visit(readFileSync(join(dist, site, "assets", name), "utf8"));
    }
  };
  visit(readFileSync(join(dist, site, "index.html"), "utf8"));
  return [`${site}/index.html`, ...[...seen].map((name) => `${site}/assets/${name}`)];
}

const limits = [
  ["desk", loaded("desk"), 120_000],
  ["chat page", loaded("chat"), 25_000],
  ["loader", ["chat/widget.js"], 3_000],
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
