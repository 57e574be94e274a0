// A whole contact between two browsers.
import assert from "node:assert/strict";
import { expectAccessible } from "../lib/axe.mjs";
import { newAgent, newVisitor, picture, test } from "../lib/world.mjs";

test("a person writes, an agent answers and wraps up, in English", async () => {
  const agent = await newAgent("grace");
  await agent.signIn();
  await picture(agent.page, "desk-away-1280-en-light");
  await agent.goAvailable();
  await expectAccessible(agent.page, "the desk without contacts");

  const visitor = await newVisitor();
  await visitor.open();
  await visitor.page.getByText("Only our advisers read what you write.").waitFor();
  await expectAccessible(visitor.page, "the start of the chat");
  await picture(visitor.page, "chat-start-390-en-light");
  await visitor.start();
  await visitor.choose("Where to find help");
  await visitor.status(visitor.t("who-queue"));
  await visitor.sees("While you wait, please tell us what happened");
  await visitor.write("Is there a doctor near Tripoli?");
  await visitor.acknowledged("Is there a doctor near Tripoli?");
  await picture(visitor.page, "chat-queued-390-en-light");

  const offer = agent.offer();
  await offer.waitFor();
  for (const text of ["Where to find help", "English", "General information"]) await offer.getByText(text).first().waitFor();
  await picture(agent.page, "desk-offer-1280-en-light");
  await expectAccessible(agent.page, "an offer");
  assert.match(await agent.page.title(), /New contact/);
  await agent.accept();
  await visitor.status("Grace");
  await agent.sees("Is there a doctor near Tripoli?");
  await agent.reply("Yes, the clinic in Mina is open until six.");
  await visitor.sees("Yes, the clinic in Mina is open until six.");
  await agent.message("Yes, the clinic in Mina").locator('[data-delivery="READ"]').waitFor();
  await visitor.write("Thank you, I am going there now.");
  await agent.sees("Thank you, I am going there now.");

  await agent.note("Knows the way; has a child of three with fever.");
  await agent.page.locator(".message-note:not(.message-unsent)").waitFor();
  await picture(agent.page, "desk-conversation-1280-en-light");
  await expectAccessible(agent.page, "a conversation");
  await expectAccessible(visitor.page, "a conversation in the chat");
  await picture(visitor.page, "chat-talk-390-en-light");

  await agent.complete();
  await picture(agent.page, "desk-wrap-up-1280-en-light");
  await expectAccessible(agent.page, "the wrap-up");
  await agent.wrapUp("Referred to a partner", "Clinic in Mina.");
  await visitor.status(visitor.t("who-ended"));
  assert.equal(await agent.cards().count(), 0);
  const said = await visitor.texts();
  assert.ok(!said.some((text) => /fever|Clinic in Mina\./.test(text)), "a note never reaches the person");

  // The next message opens the next contact of the same conversation, and its past is there to read.
  await visitor.write("One more thing, is it free of charge?");
  await visitor.acknowledged("One more thing, is it free of charge?");
  // Within a day the flow does not ask again what it is about.
  await agent.accept();
  await agent.sees("One more thing, is it free of charge?");
  await agent.page.locator(".earlier-head").first().click();
  await agent.page.locator(".earlier-log .message").first().waitFor();
  await agent.finish();
});

test("the same in Arabic, right to left", async () => {
  const agent = await newAgent("amal", { locale: "ar" });
  await agent.signIn("ar");
  await agent.goAvailable();
  assert.equal(await agent.page.getAttribute("html", "dir"), "rtl");
  const visitor = await newVisitor({ locale: "ar" });
  await visitor.start("ar");
  assert.equal(await visitor.page.getAttribute("html", "dir"), "rtl");
  await visitor.choose("أوراق الإقامة");
  await visitor.write("انتهت إقامتي الشهر الماضي");
  await agent.offer().getByText("أوراق الإقامة").first().waitFor();
  await picture(agent.page, "desk-offer-1280-ar-light");
  await agent.accept();
  await agent.sees("انتهت إقامتي الشهر الماضي");
  await agent.reply("أهلًا بك، يمكننا تجديدها معًا.");
  await visitor.sees("أهلًا بك، يمكننا تجديدها معًا.");
  await visitor.write("My file number is 2231-B");
  await agent.sees("My file number is 2231-B");
  const direction = await agent.message("My file number").locator(".bubble-text").evaluate((el) => getComputedStyle(el).direction);
  assert.equal(direction, "ltr", "a message has its own direction");
  await expectAccessible(agent.page, "a conversation in Arabic");
  await picture(agent.page, "desk-conversation-1280-ar-light");
  await expectAccessible(visitor.page, "the chat in Arabic");
  await picture(visitor.page, "chat-talk-390-ar-light");
  await agent.complete();
  await agent.wrapUp("تم تقديم المعلومات");
  await visitor.status(visitor.t("who-ended"));
});
