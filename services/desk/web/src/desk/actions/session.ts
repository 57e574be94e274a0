import type { Activity } from "../../gen/haven/routing/v1/routing_pb";
import type { User } from "../../gen/haven/directory/v1/hub_pb";
import { uuid } from "../../shared/uuid";
import { failureOf } from "../api/errors";
import { connectFeed } from "../feed/client";
import type { FeedNews } from "../feed/source";
import type { Outgoing } from "../outbox/queue";
import { Sender } from "../outbox/sender";
import { Shelf } from "../outbox/shelf";
import { reduceFeed } from "../state/feed_reducer";
import { assignmentOf } from "../state/feed_state";
import { initialState, type DeskState } from "../state/model";
import type { SessionActions } from "./actions";
import { once, tellFailure, type Env } from "./env";
import { forgetSeen, recallSeen } from "./seen";
import { currentSession, endSessionMark, newSessionMark } from "./session_mark";

const SESSION_RETRY_MS = 4000;

export function sessionActions(env: Env, onNews: (news: FeedNews) => void): SessionActions {
  const { store, clients } = env;
  const patch = (change: Partial<DeskState>) => store.set((s) => ({ ...s, ...change }));
  let lastUserId = "";

  async function enter(user: User): Promise<void> {
    if (lastUserId && lastUserId !== user.id) forgetOthers();
    lastUserId = user.id;
    patch({ session: { state: "signed-in", user } });
    const [key, hub] = await Promise.allSettled([clients.identity.getClientKey({}), clients.directory.getHub({})]);
    if (hub.status === "fulfilled") patch({ hub: hub.value.spec ?? null });
    await openShelf(user, key.status === "fulfilled" ? key.value.key : undefined);
    env.flushDrafts();
    if (env.feed) env.feed.send({ kind: "restart" });
    else env.feed = connectFeed(onNews);
  }

  async function openShelf(user: User, key: Uint8Array | undefined): Promise<void> {
    const carried = store.get().outbox;
    env.sender?.close();
    env.shelf?.close();
    const shelf = await Shelf.open(user.id, currentSession(), key);
    env.shelf = shelf;
    const drafts = new Map(store.get().drafts);
    for (const kept of await shelf.drafts()) if (kept.dirty && !drafts.has(kept.key)) drafts.set(kept.key, kept);
    patch({ durable: shelf.durable, drafts, seen: new Map([...recallSeen(), ...store.get().seen]) });
    env.sender = makeSender(shelf);
    await env.sender.start(carried);
    if (store.get().outbox.some((item) => item.state === "held")) patch({ overlay: { kind: "held" } });
  }

  function makeSender(shelf: Shelf): Sender {
    return new Sender({
      shelf,
      send: (item) => sendOne(item),
      heldEpoch: (contactId) => {
        const { feed } = store.get();
        if (!feed.synced) return "unknown";
        return assignmentOf(feed, contactId)?.epoch;
      },
      onItems: (outbox) => patch({ outbox }),
      onSent: (_item, message) => {
        if (message) store.set((s) => ({ ...s, feed: reduceFeed(s.feed, { kind: "messages", messages: [message] }) }));
      },
      onSignedOut: () => env.sessionEnded(),
      now: () => Date.now(),
    });
  }

  async function sendOne(item: Outgoing) {
    const { conversationId, contactId, text, requestId } = item;
    if (item.kind === "note") return (await clients.conversations.addNote({ conversationId, text, requestId })).message;
    const epoch = BigInt(item.epoch);
    return (await clients.conversations.sendMessage({ conversationId, contactId, epoch, text, requestId })).message;
  }

  // Somebody else signs in: nothing of the one before stays on the page.
  function forgetOthers(): void {
    const { settings, session, online } = store.get();
    store.set(() => ({ ...initialState(settings), session, online }));
  }

  return {
    async checkSession() {
      try {
        const { user } = await clients.identity.getMe({});
        if (user) await enter(user);
      } catch (error) {
        const { trouble } = failureOf(error);
        if (trouble === "signed-out" || trouble === "forbidden") {
          patch({ session: { state: "signed-out", ended: currentSession() !== "" } });
          return;
        }
        patch({ session: { state: "signed-out", ended: false, unreachable: true } });
        setTimeout(() => {
          const { session } = store.get();
          if (session.state === "signed-out" && session.unreachable) void this.checkSession();
        }, SESSION_RETRY_MS);
      }
    },
    async signIn(username, password) {
      try {
        const { user } = await clients.identity.signIn({ username: username.trim(), password });
        newSessionMark(uuid());
        if (user) await enter(user);
        return undefined;
      } catch (error) {
        return failureOf(error);
      }
    },
    async signOut(evenWithUnsent = false) {
      if (store.get().outbox.length > 0 && !evenWithUnsent) return patch({ overlay: { kind: "sign-out" } });
      const failure = await once(env, "sign-out", async () => {
        await clients.identity.signOut({});
      });
      if (failure && failure.trouble !== "signed-out") return tellFailure(env, failure);
      await env.shelf?.clear().catch(() => undefined);
      env.sender?.close();
      env.sender = undefined;
      env.feed?.close();
      env.feed = undefined;
      endSessionMark();
      forgetSeen();
      lastUserId = "";
      store.set((s) => ({ ...initialState(s.settings), online: s.online, session: { state: "signed-out", ended: false } }));
    },
    async setActivity(activity: Activity) {
      const failure = await once(env, "activity", async () => {
        const { state: agent } = await clients.routing.setActivity({ activity });
        if (agent) store.set((s) => ({ ...s, feed: reduceFeed(s.feed, { kind: "activity", agent }) }));
      });
      tellFailure(env, failure);
    },
    retryLink() {
      env.feed?.send({ kind: "retry" });
      env.sender?.hurry();
    },
  };
}
