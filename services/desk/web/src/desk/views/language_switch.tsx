import { useActions, useDesk, useTexts } from "../context";
import type { Settings } from "../state/settings";

const NAMES: readonly (readonly [Settings["language"], string])[] = [
  ["en", "English"],
  ["ar", "العربية"],
];

// Each language by its own name, before anybody is known.
export function LanguageSwitch() {
  const { t } = useTexts();
  const { change } = useActions();
  const language = useDesk((s) => s.settings.language);
  return (
    <div class="language-switch" role="group" aria-label={t("settings.language")}>
      {NAMES.map(([tag, name]) => (
        <button key={tag} type="button" lang={tag} aria-pressed={tag === language} onClick={() => void change({ language: tag })}>
          {name}
        </button>
      ))}
    </div>
  );
}
