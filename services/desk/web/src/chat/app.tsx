import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Chat } from "./chat";
import { embedded, quickExit, tellSite } from "./exit";
import { Icon } from "./icon";
import { Start } from "./start";
import { Talk } from "./talk";
import { chatTexts } from "./texts";
import type { ChatState } from "./types";

export interface ViewProps {
  readonly chat: Chat;
  readonly state: ChatState;
}

export function App({ chat, state }: ViewProps) {
  const { language, screen } = state;
  const { t, tag } = chatTexts(language.tag);
  useLayoutEffect(() => {
    document.documentElement.lang = language.tag;
    document.documentElement.dir = language.rightToLeft ? "rtl" : "ltr";
    // A neutral title: it stands in tabs and histories.
    document.title = chatTexts(language.tag).t("chat");
  }, [language]);
  return (
    <div class="page" lang={tag}>
      <Top chat={chat} state={state} />
      {screen === "loading" && <p class="center late-notice">{t("starting")}</p>}
      {screen === "unreachable" && (
        <p class="center" role="status">
          {t("unreachable")}
        </p>
      )}
      {screen === "start" && <Start chat={chat} state={state} />}
      {screen === "veiled" && <Veiled chat={chat} state={state} />}
      {screen === "talk" && <Talk chat={chat} state={state} />}
    </div>
  );
}

function Top({ chat, state }: ViewProps) {
  const { t } = chatTexts(state.language.tag);
  return (
    <header class="top">
      {embedded && (
        <button type="button" class="icon-button" aria-label={t("minimise")} onClick={() => tellSite({ haven: "close" })}>
          <Icon name="down" />
        </button>
      )}
      {state.screen === "talk" ? (
        <h1 class="hub">
          <bdi>{state.settings.hubName ?? t("chat")}</bdi>
        </h1>
      ) : (
        <p class="hub" />
      )}
      <button type="button" class="exit" title={t("exit-how")} aria-describedby="exit-how" onClick={() => quickExit(chat)}>
        <Icon name="leave" />
        {t("exit")}
      </button>
      <span id="exit-how" hidden>
        {t("exit-how")}
      </span>
    </header>
  );
}

// After a quick exit nothing of the chat is shown until somebody asks for it.
function Veiled({ chat, state }: ViewProps) {
  const { t } = chatTexts(state.language.tag);
  return (
    <main class="start">
      <h1>{t("veiled")}</h1>
      <p>{t("veiled-text")}</p>
      <button type="button" class="main-button" onClick={() => chat.resume()}>
        {t("veiled-continue")}
      </button>
      <button type="button" class="second-button" onClick={() => chat.forget()}>
        {t("veiled-forget")}
      </button>
    </main>
  );
}

// Whether the person can see the page: the site around may have hidden the frame.
export function useShown(): boolean {
  const [shown, setShown] = useState(true);
  const [visible, setVisible] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const told = (event: MessageEvent<{ haven?: string } | null>) => {
      if (event.source !== window.parent || !embedded) return;
      if (event.data?.haven === "shown") setShown(true);
      if (event.data?.haven === "hidden") setShown(false);
    };
    const changed = () => setVisible(document.visibilityState === "visible");
    addEventListener("message", told);
    document.addEventListener("visibilitychange", changed);
    return () => {
      removeEventListener("message", told);
      document.removeEventListener("visibilitychange", changed);
    };
  }, []);
  return shown && visible;
}
