import { useEffect, useLayoutEffect } from "preact/hooks";
import { useActions, useDesk, useTexts } from "./context";
import { openOffers } from "./state/selectors";
import { heldContacts, unreadCount } from "./state/selectors";
import { useTheme } from "./ui/theme";
import { Announcer, Toasts } from "./ui/toasts";
import { DeskScreen } from "./views/desk_screen";
import { SignIn } from "./views/sign_in";
import { Welcome } from "./views/welcome";

export function App() {
  const session = useDesk((s) => s.session);
  usePageFrame();
  return (
    <>
      {session.state === "checking" && <Welcome />}
      {session.state === "signed-out" && <SignIn ended={session.ended} unreachable={session.unreachable ?? false} />}
      {session.state === "signed-in" && <DeskScreen />}
      <Toasts />
      <Announcer />
    </>
  );
}

// Language, direction, theme and title belong to the document.
function usePageFrame(): void {
  const { t, translator } = useTexts();
  const actions = useActions();
  const theme = useDesk((s) => s.settings.theme);
  const blur = useDesk((s) => s.settings.blur);
  const offers = useDesk((s) => (s.session.state === "signed-in" ? openOffers(s).length : 0));
  const unread = useDesk((s) =>
    heldContacts(s).reduce((sum, held) => sum + unreadCount(s, held.view?.contact?.conversationId ?? ""), 0),
  );
  useTheme(theme);
  useLayoutEffect(() => {
    document.documentElement.lang = translator.tag;
    document.documentElement.dir = translator.direction;
  }, [translator]);
  useLayoutEffect(() => {
    document.documentElement.toggleAttribute("data-blur", blur);
  }, [blur]);
  useLayoutEffect(() => {
    document.title = offers > 0 ? t("title.offer") : unread > 0 ? t("title.unread", { n: unread }) : t("title");
  }, [t, offers, unread]);
  // The back gesture of a phone goes from a conversation to the list instead of away from the desk.
  const deep = useDesk((s) => s.screen !== "list" && s.session.state === "signed-in");
  useEffect(() => {
    if (!deep) return;
    history.pushState({ haven: true }, "");
    const back = () => actions.show("list");
    addEventListener("popstate", back, { once: true });
    return () => {
      removeEventListener("popstate", back);
      if ((history.state as { haven?: boolean } | null)?.haven) history.back();
    };
  }, [deep, actions]);
}
