import type { Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { User } from "../../gen/haven/directory/v1/hub_pb";
import { uuid } from "../../shared/uuid";
import { failureOf } from "../api/errors";
import type { Outgoing } from "../outbox/queue";
import { reduceFeed } from "../state/feed_reducer";
import { assignmentOf, epochOf } from "../state/feed_state";
import { mapWith, setWith, setWithout, type History } from "../state/model";
import type { ConversationActions } from "./actions";
import { DraftKeeper, draftKey } from "./drafts";
import { once, tellFailure, type Env } from "./env";
import { rememberSeen } from "./seen";

const PAGE = 50;

export function conversationActions(env: Env): ConversationActions {
  const { store, clients } = env;
  const drafts = new DraftKeeper(env);
  env.flushDrafts = () => drafts.flush();

  const merge = (messages: readonly Message[]) =>
    store.set((s) => ({ ...s, feed: reduceFeed(s.feed, { kind: "messages", messages }) }));

  async function retryOne(item: Outgoing): Promise<void> {
    // A retry by hand is a new decision: it goes under the epoch that the agent holds now, if it holds any.
    const held = assignmentOf(store.get().feed, item.contactId);
    await env.sender?.retry(item.requestId, held ? epochOf(store.get().feed, item.contactId) : undefined);
  }

  return {
    async send(contactId, mode, text) {
      const view = store.get().feed.contacts.get(contactId);
      const conversationId = view?.contact?.conversationId;
      const trimmed = text.trim();
      if (!conversationId || !trimmed || !env.sender) return;
      const item: Outgoing = {
        requestId: uuid(),
        kind: mode,
        conversationId,
        contactId,
        epoch: String(epochOf(store.get().feed, contactId)),
        text: trimmed,
        createdAt: Date.now(),
        state: "queued",
        attempts: 0,
        notBefore: 0,
      };
      const kept = env.sender.add(item);
      drafts.sent(draftKey(conversationId, mode));
      await kept.catch(() => undefined);
    },
    async retry(requestId) {
      const item = store.get().outbox.find((i) => i.requestId === requestId);
      if (item) await retryOne(item);
    },
    async discard(requestId) {
      await env.sender?.discard(requestId);
    },
    async sendHeld() {
      // Under the epoch of their writing: the sender lets only those go that still hold.
      for (const item of store.get().outbox) if (item.state === "held") await env.sender?.retry(item.requestId);
    },
    async discardHeld() {
      for (const item of store.get().outbox) if (item.state === "held") await env.sender?.discard(item.requestId);
    },
    setDraft: (conversationId, mode, text) => drafts.change(draftKey(conversationId, mode), text),
    async loadEarlier(conversationId) {
      const first = store.get().feed.logs.get(conversationId)?.[0];
      if (!first || first.sequence <= 1n || store.get().loadingEarlier.has(conversationId)) return;
      store.set((s) => ({ ...s, loadingEarlier: setWith(s.loadingEarlier, conversationId) }));
      const failure = await once(env, `earlier:${conversationId}`, async () => {
        const page = await clients.conversations.listMessages({ conversationId, beforeSequence: first.sequence, pageSize: PAGE });
        merge(page.messages);
      });
      store.set((s) => ({ ...s, loadingEarlier: setWithout(s.loadingEarlier, conversationId) }));
      tellFailure(env, failure);
    },
    markSeen(conversationId, sequence) {
      if ((store.get().seen.get(conversationId) ?? 0n) >= sequence) return;
      store.set((s) => ({ ...s, seen: mapWith(s.seen, conversationId, sequence) }));
      rememberSeen(store.get().seen);
    },
    async loadHistory(conversationId) {
      const known = store.get().history.get(conversationId);
      const put = (history: History) => store.set((s) => ({ ...s, history: mapWith(s.history, conversationId, history) }));
      if (known?.state === "loading" || (known?.state === "ready" && !known.nextPage)) return;
      const before = known?.contacts ?? [];
      const pageToken = known?.nextPage ?? "";
      put({ state: "loading", contacts: before, nextPage: pageToken });
      try {
        const page = await clients.conversations.listContacts({ conversationId, pageSize: 20, pageToken });
        put({ state: "ready", contacts: [...before, ...page.contacts], nextPage: page.nextPageToken });
      } catch (error) {
        if (failureOf(error).trouble === "signed-out") env.sessionEnded();
        put({ state: "failed", contacts: before, nextPage: pageToken });
      }
    },
    async readContact(conversationId, contactId, lastInbound) {
      // The contact's messages surround its last inbound one; an answer or note may follow it.
      const page = await clients.conversations.listMessages({ conversationId, beforeSequence: lastInbound + 21n, pageSize: 100 });
      return page.messages.filter((m) => m.contactId === contactId);
    },
    async findUsers(prefix): Promise<readonly User[]> {
      const page = await clients.directory.listUsers({ prefix, pageSize: 50 });
      return page.users;
    },
    async loadFigures() {
      const failure = await once(env, "figures", async () => {
        const { queues } = await clients.routing.listQueueFigures({});
        store.set((s) => ({ ...s, figures: queues }));
      });
      tellFailure(env, failure);
    },
  };
}
