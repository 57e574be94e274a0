import { describe, expect, it } from "vitest";
import { Translator, type Catalog, type Entry } from "../../shared/i18n";
import { catalogs } from "../../chat/texts";
import { ar } from "./ar";
import { en } from "./en";

const books: readonly (readonly [string, Readonly<Record<string, Readonly<Record<string, Entry>>>>])[] = [
  ["desk", { en, ar }],
  ["chat", catalogs],
];

const forms = (entry: Entry): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!);

describe.each(books)("texts of the %s", (_name, book) => {
  const base = book["en"]!;

  it.each(Object.keys(book))("are complete in %s", (tag) => {
    expect(Object.keys(book[tag]!).sort()).toEqual(Object.keys(base).sort());
    for (const entry of Object.values(book[tag]!)) for (const text of forms(entry)) expect(text.trim()).not.toBe("");
  });

  it.each(Object.keys(book))("have every plural form that %s has", (tag) => {
    const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(book[tag]!)) {
      if (typeof entry !== "string") expect(Object.keys(entry).sort(), key).toEqual([...categories].sort());
      expect(typeof entry === "string", `${key} is plural in one language only`).toBe(typeof base[key] === "string");
    }
  });

  it.each(Object.keys(book))("name no other values in %s", (tag) => {
    for (const [key, entry] of Object.entries(book[tag]!)) {
      const allowed = new Set(forms(base[key]!).flatMap(names));
      for (const text of forms(entry)) for (const name of names(text)) expect(allowed, `${key}: ${name}`).toContain(name);
      if (typeof entry === "string") expect(new Set(names(entry)), key).toEqual(allowed);
    }
  });
});

describe("translator", () => {
  const texts: Catalog<"hello" | "count"> = { hello: "Hello {name}!", count: { one: "{n} reply", other: "{n} replies" } };

  it("isolates inserted words", () => {
    expect(new Translator("en", texts).t("hello", { name: "سلمى" })).toBe("Hello \u2068سلمى\u2069!");
  });

  it("chooses the plural form", () => {
    const { t } = new Translator("en", texts);
    expect([t("count", { n: 1 }), t("count", { n: 1200 })]).toEqual(["1 reply", "1,200 replies"]);
    const arabic = new Translator("ar", ar);
    expect(arabic.t("line.waiting", { n: 2 })).toBe("ردّان في الانتظار");
    expect(arabic.t("line.waiting", { n: 3 })).toMatch(/ردود/);
    expect(arabic.t("line.waiting", { n: 11 })).toMatch(/ردًا/);
  });

  it("knows the direction", () => {
    expect(["ar", "fa-AF", "ur", "en", "my"].map((tag) => new Translator(tag, texts).direction)).toEqual(["rtl", "rtl", "rtl", "ltr", "ltr"]);
  });
});
