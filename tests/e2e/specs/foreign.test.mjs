// What people write is text, whatever it looks like.
import assert from "node:assert/strict";
import { picture, talking, test } from "../lib/world.mjs";

const WORDS = [
  "<script>document.title='taken'</script>",
  "<img src=x onerror=\"document.title='taken'\"><b>bold</b>",
  "javascript:alert(1) https://example.org/?q=<svg onload=alert(1)>",
  "an invoice\u202Efdp.exe and the rest of the line",
  "a\u0000b".replace("\u0000", " ") + " ‮" + "‭ overrides",
  "x".repeat(600),
  "ابدأ \u2067 غير مغلق ثم English",
];

test("markup, scripts and direction overrides are shown harmlessly on both sides", async () => {
  const { agent, visitor } = await talking("paul", "Plain words", { words: "hello" });
  agent.page.on("dialog", () => assert.fail("a dialog opened"));
  for (const text of WORDS) await visitor.write(text);
  await visitor.acknowledged("غير مغلق");
  await agent.sees("غير مغلق");
  for (const text of WORDS) {
    const plain = text.replace(/[\u202D\u202E]/g, "");
    const shown = (await agent.texts()).map((t) => t.replace(/[\u202D\u202E]/g, ""));
    assert.ok(shown.includes(plain), `the desk shows ${JSON.stringify(text)} as it was written`);
  }
  assert.equal(await agent.page.locator(".bubble-text :is(script, img, b, svg, a)").count(), 0);
  assert.ok((await agent.page.locator(".override-mark").count()) >= 3);
  assert.ok(!(await agent.page.title()).includes("taken"));
  const wide = await agent.page.locator(".log").evaluate((el) => el.scrollWidth > el.clientWidth + 1);
  assert.equal(wide, false, "a long word does not widen the conversation");
  await picture(agent.page, "desk-foreign-1280-en-light");

  await agent.reply("<i>and back</i> \u202Edesrever");
  await visitor.sees("<i>and back</i>");
  assert.equal(await visitor.page.locator(".words :is(i, script, img)").count(), 0);
  await agent.finish();
});
