// The quick exit, the veil after it, forgetting, and the frame of another site.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { CHAT, newVisitor, picture, test } from "../lib/world.mjs";

let site;
let siteUrl;
before(async () => {
  site = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(request.url === "/before" ? '<link rel="icon" href="data:,"><title>before</title>before' : `<!doctype html><link rel="icon" href="data:,"><title>A site</title><p>Welcome</p><script src="${CHAT}/widget.js" data-label="Chat with us"></script>`);
  });
  await new Promise((resolve) => site.listen(Number(process.env.E2E_SITE_PORT), "localhost", resolve));
  siteUrl = `http://localhost:${site.address().port}`;
});
after(() => site.close());

async function harmless(visitor) {
  await visitor.context.route("https://example.org/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>Weather</title>sunny" }));
}

async function begun() {
  const visitor = await newVisitor();
  await harmless(visitor);
  await visitor.page.goto(`${siteUrl}/before`);
  await visitor.start();
  await visitor.page.locator(".choices button").first().waitFor();
  await visitor.write("nobody may see this");
  await visitor.acknowledged("nobody may see this");
  return visitor;
}

test("the quick exit leaves at once and takes the page's place in the history", async () => {
  const visitor = await begun();
  await visitor.page.getByRole("button", { name: visitor.t("exit") }).click();
  await visitor.page.waitForURL("https://example.org/**");
  await visitor.page.goBack();
  assert.match(visitor.page.url(), /\/before$/, "the chat is not in the history");

  // Coming back shows nothing by itself.
  await visitor.open();
  await visitor.page.getByText(visitor.t("veiled-text")).waitFor();
  assert.ok(!(await visitor.page.content()).includes("nobody may see this"));
  await picture(visitor.page, "chat-veiled-390-en-light");
  await visitor.page.getByRole("button", { name: visitor.t("veiled-continue") }).click();
  await visitor.sees("nobody may see this");
});

test("Escape twice is the same", async () => {
  const visitor = await begun();
  await visitor.page.keyboard.press("Escape");
  await visitor.page.keyboard.press("Escape");
  await visitor.page.waitForURL("https://example.org/**");
});

test("forgetting ends the token and leaves nothing on the device", async () => {
  const visitor = await begun();
  const token = await visitor.page.evaluate(() => JSON.stringify(localStorage).match(/hvv_[\w-]+/)[0]);
  await visitor.page.getByRole("button", { name: visitor.t("forget") }).click();
  await visitor.page.getByRole("button", { name: visitor.t("forget-do"), exact: true }).click();
  await visitor.page.getByRole("button", { name: visitor.t("start") }).waitFor();
  assert.equal(await visitor.page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  await assert.doesNotReject(async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const status = await visitor.page.evaluate(async (bearer) => {
        const response = await fetch("/haven.channels.v1.WebchatService/ListChatMessages", {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
          body: "{}",
        });
        return response.status;
      }, token);
      if (status === 401) return;
      await visitor.page.waitForTimeout(200);
    }
    throw new Error("the token still opens the chat");
  });
});

test("a site's button opens the chat in a frame, and the exit takes the whole site away", async () => {
  const visitor = await newVisitor({ viewport: { width: 1024, height: 720 } });
  await harmless(visitor);
  await visitor.page.goto(siteUrl);
  await visitor.page.getByRole("button", { name: "Chat with us" }).click();
  const frame = visitor.page.frameLocator("iframe[title='Chat with us']");
  await frame.getByRole("button", { name: visitor.t("start") }).click();
  await frame.locator(".log").waitFor();
  await picture(visitor.page, "chat-embedded-1024-en-light");
  await frame.getByRole("button", { name: visitor.t("minimise") }).click();
  await visitor.page.getByRole("button", { name: /Chat with us/ }).click();
  await frame.getByRole("button", { name: visitor.t("exit") }).click();
  await visitor.page.waitForURL("https://example.org/**");
});
