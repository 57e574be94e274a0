// 64 kbit/s and 800 ms on both sides: a whole contact, from an empty cache.
import assert from "node:assert/strict";
import { newAgent, newVisitor, test } from "../lib/world.mjs";

const LINE = { offline: false, latency: 800, downloadThroughput: 8000, uploadThroughput: 8000 };

async function slow(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", LINE);
  page.context().setDefaultTimeout(90_000);
}

test("a line of 64 kbit/s and 800 ms completes a contact", async () => {
  const agent = await newAgent("sami");
  await slow(agent.page);
  const began = Date.now();
  await agent.signIn();
  await agent.goAvailable();
  const visitor = await newVisitor();
  await slow(visitor.page);
  const opened = Date.now();
  await visitor.open();
  await visitor.page.getByRole("button", { name: visitor.t("start") }).waitFor();
  const chatMs = Date.now() - opened;
  await visitor.start();
  await visitor.choose("A slow line");
  await visitor.write("can you read this?");
  await agent.accept();
  await agent.reply("slowly but well");
  await visitor.sees("slowly but well");
  await agent.finish();
  await visitor.status(visitor.t("who-ended"));
  console.log(`chat page usable after ${chatMs} ms, whole contact in ${Date.now() - began} ms`);
  assert.ok(chatMs < 15_000, `the chat page was usable after ${chatMs} ms`);
});
