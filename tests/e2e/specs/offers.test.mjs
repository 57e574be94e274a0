// Offers that are missed or declined, contacts that are passed on, messages that come in the moment of closing.
import assert from "node:assert/strict";
import { newAgent, newVisitor, picture, talking, test } from "../lib/world.mjs";

test("a missed offer sets the agent aside, visibly, and the contact waits on", async () => {
  const agent = await newAgent("mona");
  await agent.signIn();
  await agent.goAvailable();
  const visitor = await newVisitor();
  await visitor.start();
  await visitor.choose("A short question");
  await agent.offer().waitFor();
  await agent.page.locator(".activity-warn").waitFor({ timeout: 30_000 });
  assert.equal(await agent.offer().count(), 0);
  await picture(agent.page, "desk-missed-1280-en-light");
  await agent.goAvailable();
  await agent.accept();
  await agent.finish();
});

test("a declined offer goes back and the agent stays available", async () => {
  const agent = await newAgent("mona");
  await agent.signIn();
  await agent.goAvailable();
  const visitor = await newVisitor();
  await visitor.start();
  await visitor.choose("A short question");
  await agent.offer().getByRole("button", { name: agent.t("offer.decline") }).click();
  await agent.offer().waitFor({ state: "detached" });
  await agent.page.locator(".activity-button.activity-ok").waitFor();
  // Others are asked first; an agent who is alone is asked again after 30 s.
  await agent.offer().waitFor({ timeout: 45_000 });
  await agent.accept();
  await agent.finish();
});

test("a contact is passed to a colleague with its history and a note, then to a queue", async () => {
  const { agent: omar, visitor } = await talking("omar", "Rent and eviction", { words: "The owner changed the lock" });
  const nour = await newAgent("nour");
  await nour.signIn();
  await nour.goAvailable();
  await omar.reply("I pass you to my colleague");
  await visitor.sees("I pass you to my colleague");
  await omar.page.keyboard.press("Alt+t");
  const dialog = omar.page.getByRole("dialog");
  await dialog.getByRole("option", { name: /Nour Haddad/ }).click();
  await dialog.getByLabel(omar.t("transfer.note")).fill("Second time this year");
  await picture(omar.page, "desk-transfer-1280-en-light");
  await dialog.getByRole("button", { name: new RegExp(omar.t("transfer.do")) }).last().click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await omar.cards().count(), 0);
  await nour.accept();
  await nour.sees("The owner changed the lock");
  await nour.page.locator(".message-note", { hasText: "Second time this year" }).waitFor();
  await visitor.status("Nour");
  await nour.reply("I am Nour");
  await visitor.sees("I am Nour");
  assert.ok(!(await visitor.texts()).some((text) => text.includes("Second time")), "the note stays inside");

  await omar.setActivity("activity.break");
  await nour.page.keyboard.press("Alt+t");
  const again = nour.page.getByRole("dialog");
  await again.getByRole("option", { name: /Pictures/ }).click();
  await again.getByRole("button", { name: new RegExp(nour.t("transfer.do")) }).last().click();
  await again.waitFor({ state: "detached" });
  const rana = await newAgent("rana");
  await rana.signIn();
  await rana.goAvailable();
  await rana.accept();
  await rana.sees("I am Nour");
  await rana.finish();
});

test("a message in the moment of closing brings the contact back, and nothing entered is lost", async () => {
  const { agent, visitor } = await talking("omar", "Rent and eviction");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await agent.page.route("**/CompleteContact", async (route) => {
    await held;
    await route.continue();
  });
  await agent.page.getByRole("button", { name: agent.t("complete") }).first().click();
  await visitor.write("wait, one more thing");
  await visitor.acknowledged("wait, one more thing");
  release();
  await agent.page.locator(".banner-warn").or(agent.page.locator(".toast-warn")).first().waitFor();
  await agent.sees("wait, one more thing");
  await picture(agent.page, "desk-reopened-1280-en-light");
  await agent.composer().waitFor();
  await agent.reply("I am still here");
  await visitor.sees("I am still here");
  await agent.page.unroute("**/CompleteContact");
  await agent.finish();
});

test("an unread message keeps a contact from being completed", async () => {
  const { agent, visitor } = await talking("omar", "Rent and eviction");
  for (let i = 0; i < 12; i++) await visitor.write(`line ${i}\n\n\nand more`);
  await agent.sees("line 11");
  await agent.page.locator(".log").evaluate((el) => (el.scrollTop = 0));
  await visitor.write("the newest words");
  await agent.page.locator(".log-jump").waitFor();
  await agent.page.getByRole("button", { name: agent.t("complete") }).first().click();
  await agent.page.getByText(agent.t("complete.unseen")).waitFor();
  await agent.page.locator(".log-jump").click();
  await agent.finish();
});
