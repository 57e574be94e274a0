// Builds dist/desk (the desk) and dist/chat (the chat page and the loader widget.js): two sites of different origins, with
// chunks of their own.
import { renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });

const common = { root, configFile: join(root, "vite.config.ts"), logLevel: "warn" };
const page = (html, folder, target) =>
  build({ ...common, build: { target, outDir: join(dist, folder), emptyOutDir: true, rollupOptions: { input: join(root, html) } } });

await page("index.html", "desk", "es2022");
// Old phones: what has modules has this.
await page("chat.html", "chat", "es2019");
renameSync(join(dist, "chat/chat.html"), join(dist, "chat/index.html"));
await build({
  ...common,
  build: {
    target: "es2017",
    outDir: join(dist, "chat"),
    emptyOutDir: false,
    copyPublicDir: false,
    lib: { entry: join(root, "src/loader/widget.ts"), formats: ["iife"], name: "haven", fileName: () => "widget.js" },
  },
});
