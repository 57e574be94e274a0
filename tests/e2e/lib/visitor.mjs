// A person on the chat page.
import assert from "node:assert/strict";
import { CHAT } from "./world.mjs";
import { chatTexts } from "./texts.mjs";

export class Visitor {
  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.language = "en";
  }

  t(key) {
    return chatTexts[this.language][key];
  }

  async open() {
    await this.page.goto(`${CHAT}/chat`);
  }

  async start(language = "en") {
    this.language = language;
    await this.open();
    await this.page.getByRole("button", { name: language === "ar" ? "العربية" : "English" }).click();
    await this.page.getByRole("button", { name: this.t("start") }).click();
    await this.page.locator(".log").waitFor();
  }

  // Takes the subject; on the way the language, when the flow asks for it.
  async choose(subject) {
    const wanted = this.page.locator(".choices button", { hasText: subject });
    const language = this.page.locator(".choices button", { hasText: this.language === "ar" ? "العربية" : "English" });
    await wanted.or(language).first().waitFor();
    if (!(await wanted.isVisible())) {
      await language.click();
      await wanted.waitFor();
    }
    await wanted.click();
    await this.acknowledged(subject);
  }

  async write(text) {
    const field = this.page.getByRole("textbox");
    await field.fill(text);
    await this.page.getByRole("button", { name: this.t("send"), exact: true }).click();
  }

  async acknowledged(text) {
    await this.page.locator(".said-own:not(.said-unsent)", { hasText: text }).first().waitFor();
  }

  async sees(text) {
    await this.page.locator(".said .words", { hasText: text }).first().waitFor();
  }

  async status(text) {
    await this.page.locator(".status", { hasText: text }).waitFor();
  }

  async texts() {
    return this.page.locator(".said .words").allTextContents();
  }

  async expectOnce(text) {
    assert.equal((await this.texts()).filter((found) => found === text).length, 1, `"${text}" stands once in the chat`);
  }
}
