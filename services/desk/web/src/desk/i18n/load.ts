// Message files are loaded one language at a time; English is always there to fall back on.
import { Translator, type Catalog } from "../../shared/i18n";
import type { Settings } from "../state/settings";
import { en, type TextKey } from "./en";

const loaded = new Map<string, Translator<TextKey>>([["en", new Translator<TextKey>("en", en)]]);

const files: Readonly<Record<Settings["language"], () => Promise<Catalog<TextKey>>>> = {
  en: () => Promise.resolve(en),
  ar: () => import("./ar").then((m) => m.ar),
};

export async function loadTexts(language: Settings["language"]): Promise<void> {
  if (!loaded.has(language)) loaded.set(language, new Translator(language, await files[language]()));
}

// The loaded texts, English until they are here.
export function textsFor(language: Settings["language"]): Translator<TextKey> {
  return loaded.get(language) ?? loaded.get("en")!;
}
