// axe over every state of both galleries: node dev/axe.mjs. Ends with 1 when something is found.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { expectAccessible } from "../../../../tests/e2e/lib/axe.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const { chromium } = createRequire(join(web, "../../../tests/e2e/package.json"))("playwright-core");
const STATES = {
  gallery: "busy list person empty away offer offline reconnecting wrap-up reopened note palette settings shortcuts transfer queues held sign-out sign-in toasts",
  "chat-gallery": "start closed veiled choices queued talk lost",
};
const server = await createServer({ root: web, server: { port: 0 }, logLevel: "error" });
await server.listen();
const browser = await chromium.launch({ executablePath: process.env.HAVEN_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const [gallery, states] of Object.entries(STATES))
  for (const state of states.split(" "))
    for (const [lang, theme, width] of [["en", "light", 1280], ["ar", "dark", 1024], ["en", "dark", 390]]) {
      const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: "reduce" });
      await page.goto(`${server.resolvedUrls.local[0]}dev/${gallery}.html?state=${state}&lang=${lang}&theme=${theme}`);
      await page.waitForSelector("#app > *");
      await page.waitForTimeout(250);
      try {
        await expectAccessible(page, `${gallery} ${state} ${lang} ${theme} ${width}`);
      } catch (error) {
        console.log(`${gallery} ${state} ${lang} ${theme} ${width}`, JSON.stringify(error.actual, null, 1));
        process.exitCode = 1;
      }
      await page.close();
    }
await browser.close();
await server.close();
