// Builds dist/: the desk (index.html), the chat page (chat.html) and the loader (widget.js), each with chunks of its own, and
// beside every text file its gzip, so that the edge compresses nothing while it serves.
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });

const common = { root, configFile: join(root, "vite.config.ts"), logLevel: "warn" };
const page = (html, target) =>
  build({ ...common, build: { target, emptyOutDir: false, rollupOptions: { input: join(root, html) } } });

await page("index.html", "es2022");
// Old phones: what has modules has this.
await page("chat.html", "es2019");
await build({
  ...common,
  build: {
    target: "es2017",
    emptyOutDir: false,
    copyPublicDir: false,
    lib: { entry: join(root, "src/loader/widget.ts"), formats: ["iife"], name: "haven", fileName: () => "widget.js" },
  },
});

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

for (const file of files(dist)) {
  if (/\.(js|css|html|svg)$/.test(file)) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
}
