// Pictures of the real pages in both languages, light and dark, at three widths, with axe on each.
import { expectAccessible } from "../lib/axe.mjs";
import { newAgent, newVisitor, picture, test } from "../lib/world.mjs";

const SIZES = [
  [1280, 800],
  [1024, 768],
  [390, 844],
];
const STORIES = [
  ["I do not feel safe", "He came back last night."],
  ["I do not feel safe", "هل يوجد مأوى قريب؟ أنا وأولادي في الخارج الآن"],
  ["I do not feel safe", "ok"],
  ["I do not feel safe", "Please answer, I have little credit on this phone and the electricity comes only for two hours. ".repeat(25)],
];

async function setUp(agent, language, theme) {
  agent.language = language;
  await agent.page.evaluate(
    ([language, theme]) => {
      const known = JSON.parse(localStorage.getItem("haven.settings") ?? "{}");
      localStorage.setItem("haven.settings", JSON.stringify({ ...known, language, theme }));
    },
    [language, theme],
  );
  await agent.page.setViewportSize({ width: 1280, height: 800 });
  await agent.page.reload();
  await agent.live();
}

async function shoot(agent, state) {
  for (const language of ["en", "ar"]) {
    for (const theme of ["light", "dark"]) {
      await setUp(agent, language, theme);
      const card = agent.cards().last();
      if (await card.isVisible()) await card.click();
      for (const [width, height] of SIZES) {
        await agent.page.setViewportSize({ width, height });
        await picture(agent.page, `desk-${state}-${width}-${language}-${theme}`);
      }
      await expectAccessible(agent.page, `the desk ${state} ${language} ${theme}`);
    }
  }
  await setUp(agent, "en", "light");
}

test("the desk looks right empty and busy, in both languages and themes", { timeout: 300_000 }, async () => {
  const agent = await newAgent("rana");
  await agent.signIn();
  await agent.goAvailable();
  await shoot(agent, "empty");
  for (const [subject, words] of STORIES) {
    const visitor = await newVisitor();
    await visitor.start();
    await visitor.choose(subject);
    await visitor.write(words.slice(0, 3900));
    await agent.accept();
  }
  await agent.reply("I am here. Take your time.");
  await shoot(agent, "busy");
});

test("the chat looks right in both languages and themes", async () => {
  for (const language of ["en", "ar"]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [width, height] of SIZES) {
        const visitor = await newVisitor({ colorScheme, viewport: { width, height } });
        await visitor.start(language);
        await visitor.page.locator(".choices button").first().waitFor();
        await picture(visitor.page, `chat-choices-${width}-${language}-${colorScheme}`);
        if (width === 390) await expectAccessible(visitor.page, `the chat ${language} ${colorScheme}`);
      }
    }
  }
});
