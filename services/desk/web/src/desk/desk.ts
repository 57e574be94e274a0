// Assembles a desk: state, actions, feed, effects. No rules here.
import { fromBinary } from "@bufbuild/protobuf";
import { WatchResponseSchema } from "../gen/haven/desk/v1/feed_service_pb";
import { clients } from "./api/clients";
import type { Actions } from "./actions/actions";
import { contactActions } from "./actions/contact";
import { conversationActions } from "./actions/conversation";
import type { Env } from "./actions/env";
import { notice } from "./actions/notice";
import { screenActions } from "./actions/screen";
import { sessionActions } from "./actions/session";
import { currentSession, onSessionMark } from "./actions/session_mark";
import type { FeedNews, ReceivedFrame } from "./feed/source";
import { loadTexts, textsFor } from "./i18n/load";
import { feedEffects } from "./state/feed_effects";
import { reduceFeed } from "./state/feed_reducer";
import { emptyFeed, type FeedState } from "./state/feed_state";
import { initialState, type DeskState } from "./state/model";
import { chosenBefore, loadSettings, languages } from "./state/settings";
import { Store } from "./state/store";

export interface Desk {
  readonly store: Store<DeskState>;
  readonly actions: Actions;
}

export function createDesk(): Desk {
  const store = new Store(initialState(loadSettings(navigator.languages)));
  const env: Env = {
    store,
    clients,
    text: () => textsFor(store.get().settings.language),
    feed: undefined,
    sender: undefined,
    shelf: undefined,
    flushDrafts: () => {},
    sessionEnded: () => {
      if (store.get().session.state !== "signed-in") return;
      env.sender?.pause();
      store.set((s) => ({ ...s, session: { state: "signed-out", ended: true }, overlay: null }));
    },
  };
  const screen = screenActions(env);
  const actions: Actions = {
    ...screen,
    ...conversationActions(env),
    ...contactActions(env, (contactId) => screen.select(contactId)),
    ...sessionActions(env, (news) => onNews(env, actions, news)),
  };
  watchBrowser(env, actions);
  return { store, actions };
}

function onNews(env: Env, actions: Actions, news: FeedNews): void {
  const { store } = env;
  if (news.kind === "link") {
    store.set((s) => ({ ...s, link: news.link }));
    if (news.link.state === "signed-out") env.sessionEnded();
    if (news.link.state === "live") env.sender?.hurry();
    return;
  }
  const before = store.get().feed;
  const after = news.kind === "story" ? toldAnew(before, news.frames) : withFrame(before, news.frame);
  store.set((s) => ({ ...s, feed: after, ...(news.kind === "story" ? { link: news.link } : {}) }));
  // A worker that met the end of an earlier session, while this tab has just been told that its own is good.
  if (news.kind === "story" && news.link.state === "signed-out") env.feed?.send({ kind: "restart" });
  adoptDrafts(store, after);
  adoptHubLanguage(env);
  for (const effect of feedEffects(before, after)) notice(env, actions, effect);
  env.sender?.poke();
}

function withFrame(feed: FeedState, { bytes, receivedAt }: ReceivedFrame): FeedState {
  return reduceFeed(feed, { kind: "response", response: fromBinary(WatchResponseSchema, bytes), receivedAt });
}

// A tab that joins hears the story since the last snapshot; history that it had loaded stays where it still fits.
function toldAnew(before: FeedState, frames: readonly ReceivedFrame[]): FeedState {
  let feed = frames.reduce(withFrame, emptyFeed);
  for (const messages of before.logs.values()) feed = reduceFeed(feed, { kind: "messages", messages });
  return feed;
}

// Drafts from the hub serve where this tab has none of its own.
function adoptDrafts(store: Store<DeskState>, feed: FeedState): void {
  const { drafts } = store.get();
  const found = [...feed.contacts.values()].filter((v) => v.draft && v.contact && !drafts.has(v.contact.conversationId));
  if (found.length === 0) return;
  const next = new Map(drafts);
  for (const view of found) next.set(view.contact!.conversationId, { text: view.draft, dirty: false });
  store.set((s) => ({ ...s, drafts: next }));
}

// The directory's word for the user's language holds until the user chooses one here.
function adoptHubLanguage(env: Env): void {
  const { session, settings } = env.store.get();
  if (session.state !== "signed-in" || chosenBefore()) return;
  const wanted = languages.find((tag) => tag === session.user.interfaceLanguage.split("-")[0]);
  if (!wanted || wanted === settings.language) return;
  void loadTexts(wanted).then(() => env.store.set((s) => ({ ...s, settings: { ...s.settings, language: wanted } })));
}

function watchBrowser(env: Env, actions: Actions): void {
  const { store } = env;
  const line = () => {
    store.set((s) => ({ ...s, online: navigator.onLine }));
    if (navigator.onLine) actions.retryLink();
  };
  addEventListener("online", line);
  addEventListener("offline", line);
  store.set((s) => ({ ...s, online: navigator.onLine }));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && store.get().link.state === "reconnecting") actions.retryLink();
  });
  onSessionMark((mark) => {
    const { session } = store.get();
    if (mark === "") env.sessionEnded();
    else if (session.state === "signed-out") void actions.checkSession();
  });
  // Leaving with replies that only memory holds would lose them: the browser asks.
  addEventListener("beforeunload", (event) => {
    const { outbox, durable } = store.get();
    if (outbox.length > 0 && !durable && currentSession()) event.preventDefault();
  });
}
