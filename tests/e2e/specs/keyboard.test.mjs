// A contact without a mouse, from the sign-in to the outcome.
import { newAgent, newVisitor, DESK, PASSWORD, test } from "../lib/world.mjs";

test("keyboard alone completes a contact", async () => {
  const agent = await newAgent("kim");
  const { page } = agent;
  const keys = page.keyboard;
  await page.goto(DESK);
  await page.locator("#username:focus").waitFor();
  await keys.type("kim");
  await keys.press("Tab");
  await keys.type(PASSWORD);
  await keys.press("Enter");
  await agent.live();

  // The activity by its menu.
  await keys.press("Alt+s");
  await page.locator('[role="menuitemradio"]:focus').waitFor();
  await keys.press("Home");
  await keys.press("Enter");
  await page.locator(".activity-button.activity-ok").waitFor();

  const visitor = await newVisitor();
  await visitor.start();
  await visitor.choose("Lost keys");
  await visitor.write("I lost the keys of the shelter");
  await agent.offer().waitFor();
  await keys.press("Alt+a");
  await agent.composer().waitFor();
  await keys.press("Alt+r");
  await page.locator("#composer-text:focus").waitFor();
  await keys.type("I will ask the house.");
  await keys.press("Enter");
  await visitor.sees("I will ask the house.");
  await visitor.write("thank you");
  await agent.sees("thank you");
  await keys.press("Alt+n");
  await keys.type("House called, key is at the door.");
  await keys.press("Enter");
  await page.locator(".message-note:not(.message-unsent)").waitFor();
  await keys.press("Escape");

  // The palette reaches everything; Escape gives the focus back.
  await keys.press("Control+k");
  await page.locator('[role="combobox"]:focus').waitFor();
  await keys.press("Escape");
  await page.locator("#composer-text:focus").waitFor();
  await keys.press("Control+k");
  await page.locator('[role="combobox"]:focus').waitFor();
  await keys.type("compl");
  await keys.press("Enter");
  await page.locator('.wrap-up [role="combobox"]:focus').waitFor();
  await keys.type("inform");
  await keys.press("Enter");
  await page.locator('.wrap-up [aria-selected="true"]').first().waitFor();
  await keys.press("Control+Enter");
  await page.locator(".wrap-up").waitFor({ state: "detached" });
  await visitor.status(visitor.t("who-ended"));
});

test("Enter accepts and Escape declines while nobody is writing", async () => {
  const agent = await newAgent("kim");
  await agent.signIn();
  await agent.goAvailable();
  const visitor = await newVisitor();
  await visitor.start();
  await visitor.choose("Lost keys");
  await agent.offer().waitFor();
  await agent.page.locator("#conversation").focus();
  await agent.page.keyboard.press("Escape");
  await agent.offer().waitFor({ state: "detached" });
  // Declined goes back to its place, and comes again.
  await agent.offer().waitFor({ timeout: 60_000 });
  await agent.page.locator("#conversation").focus();
  await agent.page.keyboard.press("Enter");
  await agent.composer().waitFor();
  await agent.finish();
});
