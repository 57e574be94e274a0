// Development only: the desk's own components over a made-up state, to look at and to photograph. Not part of a release.
//   /dev/gallery.html?state=busy&lang=ar&theme=dark
import { render } from "preact";
import type { Actions } from "../src/desk/actions/actions";
import { screenActions } from "../src/desk/actions/screen";
import type { Env } from "../src/desk/actions/env";
import { App } from "../src/desk/app";
import { ScopeProvider } from "../src/desk/context";
import { loadTexts } from "../src/desk/i18n/load";
import { mapWith } from "../src/desk/state/model";
import { Store } from "../src/desk/state/store";
import { draftKey } from "../src/desk/actions/drafts";
import "../src/desk/styles/index.css";
import { stateNamed } from "./states";
import { earlierMessages, colleagues } from "./fixture";

const query = new URLSearchParams(location.search);
const language = query.get("lang") === "ar" ? "ar" : "en";
const theme = query.get("theme") === "dark" ? "dark" : "light";

await loadTexts(language);
const store = new Store(stateNamed(query.get("state") ?? "busy", { language, theme }));
const nothing = () => Promise.resolve();
const actions: Actions = {
  ...screenActions({ store } as Env),
  signIn: () => Promise.resolve({ trouble: "signed-out" }),
  signOut: nothing,
  setActivity: nothing,
  retryLink: () => {},
  checkSession: nothing,
  accept: nothing,
  decline: nothing,
  complete: nothing,
  changeWrapUp: (id, change) => store.set((s) => ({ ...s, wrapUps: mapWith(s.wrapUps, id, { ...s.wrapUps.get(id)!, ...change }) })),
  finishWrapUp: nothing,
  extendWrapUp: nothing,
  transfer: () => Promise.resolve(false),
  dismissReopened: () => {},
  send: nothing,
  retry: nothing,
  discard: nothing,
  sendHeld: nothing,
  discardHeld: nothing,
  setDraft: (id, mode, text) => store.set((s) => ({ ...s, drafts: mapWith(s.drafts, draftKey(id, mode), { text, dirty: true }) })),
  loadEarlier: nothing,
  markSeen: () => {},
  loadHistory: nothing,
  readContact: () => Promise.resolve(earlierMessages()),
  findUsers: () => Promise.resolve(colleagues()),
  loadFigures: nothing,
};

render(
  <ScopeProvider value={{ store, actions }}>
    <App />
  </ScopeProvider>,
  document.getElementById("app")!,
);
