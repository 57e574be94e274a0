// An agent at the desk, in the words of the desk. Texts are looked up in the desk's own message files.
import assert from "node:assert/strict";
import { DESK, PASSWORD } from "./world.mjs";
import { deskTexts } from "./texts.mjs";

export class Agent {
  constructor(context, page, name) {
    this.context = context;
    this.page = page;
    this.name = name;
    this.language = "en";
  }

  t(key) {
    return deskTexts[this.language][key];
  }

  async signIn(language = "en") {
    this.language = language;
    await this.page.goto(DESK);
    await this.page.getByRole("button", { name: language === "ar" ? "العربية" : "English" }).click();
    await this.page.getByLabel(this.t("sign-in.name")).fill(this.name);
    await this.page.getByLabel(this.t("sign-in.password")).fill(PASSWORD);
    await this.page.getByRole("button", { name: this.t("sign-in.do"), exact: true }).click();
    await this.live();
  }

  // The feed is there and nothing of the line is in trouble.
  async live() {
    await this.page.locator(".line-live").waitFor();
    await this.page.locator(".activity-time").waitFor({ state: "attached" });
  }

  async goAvailable() {
    const button = this.page.locator(".go-available");
    if (await button.isVisible()) await button.click();
    await this.page.locator(".activity-button.activity-ok").waitFor();
  }

  async setActivity(key) {
    await this.page.locator("#activity-button").click();
    await this.page.getByRole("menuitemradio", { name: this.t(key) }).click();
  }

  offer() {
    return this.page.locator(".offer");
  }

  async accept() {
    await this.offer().first().getByRole("button", { name: this.t("offer.accept") }).click();
    await this.composer().waitFor();
    this.contactId = await this.page.locator(".log").getAttribute("data-contact");
  }

  // The contact taken last, after a reload.
  async reopen(page = this.page) {
    await page.locator(`.card[data-contact="${this.contactId}"]`).click();
    await page.locator("#composer-text").waitFor();
  }

  composer() {
    return this.page.locator("#composer-text");
  }

  async reply(text) {
    await this.composer().fill(text);
    await this.composer().press("Enter");
  }

  async note(text) {
    await this.page.keyboard.press("Alt+n");
    await this.page.locator(".composer-note").waitFor();
    await this.composer().fill(text);
    await this.composer().press("Enter");
    await this.page.keyboard.press("Alt+n");
  }

  // A message of the log with exactly this text.
  message(text) {
    return this.page.locator(".message", { has: this.page.locator(".bubble-text", { hasText: text }) });
  }

  async sees(text) {
    await this.message(text).first().waitFor();
  }

  // Acknowledged by the hub: no longer among the unsent.
  async sent(text) {
    await this.page.locator(".message:not(.message-unsent)", { hasText: text }).first().waitFor();
  }

  async texts() {
    return this.page.locator(".log .bubble-text").allTextContents();
  }

  async complete() {
    await this.page.getByRole("button", { name: this.t("complete"), exact: false }).first().click();
    await this.page.locator(".wrap-up").waitFor();
  }

  async wrapUp(disposition, note = "") {
    const sheet = this.page.locator(".wrap-up");
    await sheet.getByRole("combobox").fill(disposition.slice(0, 6));
    await sheet.getByRole("option", { name: disposition }).click();
    if (note) await sheet.locator("textarea").fill(note);
    await sheet.getByRole("button", { name: this.t("wrapup.finish") }).click();
    await sheet.waitFor({ state: "detached" });
  }

  async finish(disposition = "Information given") {
    await this.complete();
    await this.wrapUp(disposition);
  }

  cards() {
    return this.page.locator(".card");
  }

  async countTexts(text) {
    return (await this.texts()).filter((found) => found === text).length;
  }

  async expectOnce(text) {
    assert.equal(await this.countTexts(text), 1, `"${text}" stands once in the desk`);
  }
}
