import type { ViewProps } from "./app";
import { chatTexts, type ChatKey } from "./texts";
import type { ChatState } from "./types";

export function Start({ chat, state }: ViewProps) {
  const { t } = chatTexts(state.language.tag);
  const { settings, language, trouble, starting } = state;
  const languages = settings.languages ?? [];
  return (
    <main class="start">
      <h1>{settings.hubName ? <bdi>{settings.hubName}</bdi> : t("start-title")}</h1>
      {languages.length > 1 && (
        <div class="languages" role="group" aria-label={t("languages")}>
          {languages.map((l) => (
            <button
              key={l.tag}
              type="button"
              lang={l.tag}
              dir={l.rightToLeft ? "rtl" : "ltr"}
              aria-pressed={l.tag === language.tag}
              onClick={() => chat.chooseLanguage(l)}
            >
              {l.name || l.tag}
            </button>
          ))}
        </div>
      )}
      <p class="presence">
        <span class={settings.open ? "dot dot-open" : "dot"} aria-hidden="true" />
        <span>{presence(state)}</span>
      </p>
      {language.privacy && (
        <p class="privacy" lang={language.tag} dir={language.rightToLeft ? "rtl" : "ltr"}>
          {language.privacy}
        </p>
      )}
      <button type="button" class="main-button" aria-busy={starting} onClick={() => void chat.start()}>
        {starting ? t("starting") : t("start")}
      </button>
      <div role="alert">{trouble && <p class="trouble">{t(`trouble-${trouble}` satisfies ChatKey)}</p>}</div>
      {!state.durable && <p class="privacy">{t("not-durable")}</p>}
    </main>
  );
}

// Honest about when somebody answers.
function presence({ settings, language }: ChatState): string {
  const { t, tag } = chatTexts(language.tag);
  if (settings.open) return t("open");
  if (!settings.opensTime) return `${t("closed")} ${t("closed-write")}`;
  const time = new Intl.DateTimeFormat(tag, { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
  return `${t("closed-until", { time: time.format(new Date(settings.opensTime)) })} ${t("closed-write")}`;
}
