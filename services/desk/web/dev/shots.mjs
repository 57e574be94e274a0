// Photographs the gallery: node dev/shots.mjs [state,...] [width,...] [lang-theme,...]; pictures go to build/screenshots/gallery.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(web, "../../..");
const { chromium } = createRequire(join(root, "tests/e2e/package.json"))("playwright-core");
const list = (text, other) => (text ? text.split(",") : other);
const states = list(process.argv[2], ["busy", "empty", "offline"]);
const widths = list(process.argv[3], ["1280", "1024", "390"]);
const kinds = list(process.argv[4], ["en-light", "ar-dark"]);
const page_ = process.argv[5] ?? "gallery";

const server = await createServer({ root: web, server: { port: 0 }, logLevel: "error" });
await server.listen();
const base = server.resolvedUrls.local[0];
const out = join(root, "build/screenshots/gallery");
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.HAVEN_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
for (const state of states)
  for (const width of widths)
    for (const kind of kinds) {
      const [lang, theme] = kind.split("-");
      const phone = Number(width) < 700;
      const context = await browser.newContext({ viewport: { width: Number(width), height: phone ? 844 : 800 }, hasTouch: phone, isMobile: phone });
      const page = await context.newPage();
      page.on("pageerror", (error) => console.log("page error:", error.message));
      page.on("console", (m) => m.type() === "error" && console.log("console:", m.text()));
      await page.goto(`${base}dev/${page_}.html?state=${state}&lang=${lang}&theme=${theme}`);
      await page.waitForSelector("#app > *");
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(out, `${page_ === "gallery" ? "" : `${page_}-`}${state}-${width}-${kind}.png`) });
      await context.close();
    }
await browser.close();
await server.close();
