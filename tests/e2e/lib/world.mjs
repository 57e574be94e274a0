// A browser for one spec file, its contexts, and pictures. A page error or a refused policy fails the test that met it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, test as nodeTest } from "node:test";
import { chromium } from "playwright-core";
import { Agent } from "./agent.mjs";
import { Visitor } from "./visitor.mjs";

export const DESK = process.env.HAVEN_E2E_DESK;
export const CHAT = process.env.HAVEN_E2E_CHAT;
export const PASSWORD = process.env.E2E_PASSWORD;
export const PICTURES = join(dirname(fileURLToPath(import.meta.url)), "../../../build/screenshots");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TIMEOUT_MS = 20_000;

let browser;
const contexts = [];
const errors = [];

before(async () => {
  assert.ok(DESK && CHAT && PASSWORD, "started by tests/e2e/run");
  browser = await chromium.launch({ executablePath: process.env.HAVEN_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
});
after(async () => {
  await browser?.close();
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close().catch(() => {})));
  const met = errors.splice(0);
  assert.deepEqual(met, [], "errors in the pages");
});

export const test = (name, options, body = options) =>
  nodeTest(name, { timeout: 150_000, ...(typeof options === "object" ? options : {}) }, async () => {
    try {
      await body();
    } catch (error) {
      await photograph(name);
      throw error;
    }
  });

// What the pages showed when a test failed.
async function photograph(name) {
  const pages = contexts.flatMap((context) => context.pages());
  for (const [i, page] of pages.entries()) await picture(page, `failed-${name.slice(0, 50).replace(/\W+/g, "-")}-${i}`).catch(() => {});
}

export async function newContext(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  contexts.push(context);
  context.on("page", (page) => {
    page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Trusted|TypeError|is not/.test(message.text())) errors.push(message.text());
    });
  });
  return context;
}

export function forgiveErrors() {
  errors.length = 0;
}

export async function newAgent(name, options = {}) {
  const context = await newContext(options);
  return new Agent(context, await context.newPage(), name);
}

export async function newVisitor(options = {}) {
  const context = await newContext({ viewport: { width: 390, height: 780 }, ...options });
  return new Visitor(context, await context.newPage());
}

// Both sides with the contact accepted.
export async function talking(agentName, subject, { agent: agentOptions, visitor: visitorOptions, words = "Hello, I need help." } = {}) {
  const agent = await newAgent(agentName, agentOptions);
  await agent.signIn();
  await agent.goAvailable();
  const visitor = await newVisitor(visitorOptions);
  await visitor.start();
  await visitor.choose(subject);
  await visitor.write(words);
  await agent.accept();
  return { agent, visitor };
}

export async function picture(page, name) {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
