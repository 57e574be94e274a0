// Reloading, closing and losing the line lose nothing, on either side.
import assert from "node:assert/strict";
import { DESK, forgiveErrors, newAgent, newVisitor, picture, talking, test } from "../lib/world.mjs";
import { Visitor } from "../lib/visitor.mjs";

test("a visitor reloads, closes the page and comes back to everything", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting", { words: "first words" });
  await agent.reply("an answer");
  await visitor.sees("an answer");
  await visitor.page.reload();
  await visitor.sees("an answer");
  await visitor.expectOnce("first words");

  await visitor.page.close();
  await agent.reply("written while you were away");
  await agent.sent("written while you were away");
  const back = new Visitor(visitor.context, await visitor.context.newPage());
  await back.open();
  await back.sees("written while you were away");
  await back.expectOnce("first words");
  await back.write("I am back");
  await agent.sees("I am back");
  await agent.finish();
});

test("a visitor without a line: what is written is kept, over a reload too, and arrives once", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  await visitor.context.setOffline(true);
  await visitor.write("from the tunnel");
  await visitor.page.locator(".said-unsent", { hasText: "from the tunnel" }).waitFor();
  await visitor.page.locator(".status-lost").waitFor({ timeout: 60_000 });
  await picture(visitor.page, "chat-offline-390-en-light");
  await visitor.context.setOffline(false);
  await visitor.acknowledged("from the tunnel");
  await agent.sees("from the tunnel");

  // The answer is lost on the way: the same request is repeated, the hub takes it once.
  let cut = 0;
  await visitor.page.route("**/PostMessage", async (route) => {
    if (cut++ > 0) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await visitor.write("sent twice, taken once");
  await agent.sees("sent twice, taken once");
  await visitor.acknowledged("sent twice, taken once");
  await visitor.page.unroute("**/PostMessage");

  // Reloaded before anything left: still there, still sent.
  await visitor.page.route("**/PostMessage", (route) => route.abort("connectionreset"));
  await visitor.write("before the reload");
  await visitor.page.locator(".said-unsent", { hasText: "before the reload" }).waitFor();
  await visitor.page.unroute("**/PostMessage");
  await visitor.page.reload();
  await visitor.acknowledged("before the reload");
  await agent.sees("before the reload");
  for (const text of ["from the tunnel", "sent twice, taken once", "before the reload"]) {
    await agent.expectOnce(text);
    await visitor.expectOnce(text);
  }
  await agent.finish();
});

test("streams that do not get through: the chat asks now and then instead", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  await visitor.page.addInitScript(() => {
    // A browser without streaming bodies.
    delete Response.prototype.body;
  });
  await visitor.page.reload();
  await visitor.sees("Hello, I need help.");
  await agent.reply("found by asking");
  await visitor.write("and this one pokes");
  await visitor.sees("found by asking");
  await agent.finish();
});

test("an agent reloads with a draft, an open contact and an unsent reply", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  await agent.composer().fill("half a sentence");
  await agent.page.waitForRequest(/SaveDraft/);
  await agent.page.reload();
  await agent.live();
  await agent.reopen();
  assert.equal(await agent.composer().inputValue(), "half a sentence");

  await agent.page.route("**/SendMessage", (route) => route.abort("connectionreset"));
  await agent.reply("kept on disk");
  await agent.page.locator(".message-unsent", { hasText: "kept on disk" }).waitFor();
  await agent.page.unroute("**/SendMessage");
  await agent.page.reload();
  await visitor.sees("kept on disk");
  await agent.live();
  await agent.reopen();
  await agent.sent("kept on disk");
  await agent.expectOnce("kept on disk");
  await visitor.expectOnce("kept on disk");
  await agent.finish();
});

test("an agent without a line: replies wait, are counted, and go in the order of writing", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  await agent.context.setOffline(true);
  await agent.page.locator(".line-offline").waitFor();
  for (const text of ["one", "two", "three"]) await agent.reply(`reply number ${text}`);
  await agent.page.getByText(/3 replies waiting/).waitFor();
  await picture(agent.page, "desk-offline-1280-en-light");
  await agent.page.setViewportSize({ width: 1024, height: 768 });
  await picture(agent.page, "desk-offline-1024-en-light");
  await agent.page.setViewportSize({ width: 1280, height: 800 });
  await agent.context.setOffline(false);
  await visitor.sees("reply number three");
  const replies = (await visitor.texts()).filter((text) => text.startsWith("reply number"));
  assert.deepEqual(replies, ["reply number one", "reply number two", "reply number three"]);
  await agent.page.locator(".line-live").waitFor();
  await agent.page.locator(".message-unsent").first().waitFor({ state: "detached" });
  await agent.finish();
});

test("a session that ends keeps the draft and asks about the unsent reply", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  await agent.page.route("**/SendMessage", (route) => route.abort("connectionreset"));
  await agent.reply("written before the end");
  await agent.page.locator(".message-unsent", { hasText: "written before the end" }).waitFor();
  await agent.composer().fill("still thinking about");
  await agent.context.clearCookies();
  await agent.page.unroute("**/SendMessage");
  await agent.page.getByText(agent.t("sign-in.ended"), { exact: false }).waitFor({ timeout: 40_000 });
  forgiveErrors();
  await picture(agent.page, "desk-session-ended-1280-en-light");
  await agent.page.getByLabel(agent.t("sign-in.name")).fill("lea");
  await agent.page.getByLabel(agent.t("sign-in.password")).fill(process.env.E2E_PASSWORD);
  await agent.page.getByRole("button", { name: agent.t("sign-in.do"), exact: true }).click();
  const asked = agent.page.getByRole("dialog");
  await asked.getByText("written before the end").waitFor();
  assert.ok(!(await visitor.texts()).includes("written before the end"), "nothing goes by itself");
  await asked.getByRole("button", { name: agent.t("held.send") }).click();
  await visitor.sees("written before the end");
  assert.equal(await agent.composer().inputValue(), "still thinking about");
  await agent.composer().fill("");
  await agent.finish();
});

test("signing out with an unsent reply asks first, and leaves nothing behind", async () => {
  const { agent } = await talking("lea", "Something lasting");
  await agent.page.route("**/SendMessage", (route) => route.abort("connectionreset"));
  await agent.reply("never sent");
  await agent.page.locator(".message-unsent").waitFor();
  await agent.page.locator(".me-button").click();
  await agent.page.getByRole("menuitem", { name: agent.t("sign-out") }).click();
  const asked = agent.page.getByRole("dialog");
  await asked.getByText("never sent").waitFor();
  await asked.getByRole("button", { name: agent.t("sign-out.stay") }).click();
  await agent.page.locator(".message-unsent", { hasText: "never sent" }).waitFor();
  await agent.page.locator(".me-button").click();
  await agent.page.getByRole("menuitem", { name: agent.t("sign-out") }).click();
  await asked.getByRole("button", { name: agent.t("sign-out.anyway") }).click();
  await agent.page.getByLabel(agent.t("sign-in.name")).waitFor();
  const left = await agent.page.evaluate(async () => {
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open("haven-desk");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const counts = ["outbox", "drafts"].map((name) => new Promise((resolve) => (db.transaction(name).objectStore(name).count().onsuccess = (e) => resolve(e.target.result))));
    return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0);
  });
  assert.equal(left, 0);
  await agent.page.unroute("**/SendMessage");
  await agent.signIn();
  await agent.reopen();
  await agent.finish();
});

test("two tabs of one agent share one feed and one queue", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  const second = await agent.context.newPage();
  await second.goto(DESK);
  await agent.reopen(second);
  await agent.reply("seen in both tabs");
  await visitor.sees("seen in both tabs");
  await second.locator(".log .bubble-text", { hasText: "seen in both tabs" }).waitFor();
  await second.close();
  await agent.finish();
});

test("without shared workers one tab leads and the others follow, also when the leader closes", async () => {
  const agent = await newAgent("lea");
  await agent.context.addInitScript(() => {
    delete globalThis.SharedWorker;
  });
  await agent.signIn();
  await agent.goAvailable();
  const visitor = await newVisitor();
  await visitor.start();
  await visitor.choose("Something lasting");
  await agent.accept();
  const second = await agent.context.newPage();
  await second.goto(DESK);
  await agent.reopen(second);
  await visitor.write("to whoever leads");
  await second.locator(".log .bubble-text", { hasText: "to whoever leads" }).waitFor();
  await agent.sees("to whoever leads");
  await agent.page.close();
  await visitor.write("and still here");
  await second.locator(".log .bubble-text", { hasText: "and still here" }).waitFor();
  agent.page = second;
  await agent.finish();
});

test("an agent who left the page is found again with everything", async () => {
  const { agent, visitor } = await talking("lea", "Something lasting");
  await agent.page.close();
  await visitor.write("are you there?");
  await visitor.acknowledged("are you there?");
  const again = await newAgent("lea");
  await again.signIn();
  await again.cards().last().click();
  await again.sees("are you there?");
  await again.reply("yes, again");
  await visitor.sees("yes, again");
  await again.finish();
});
