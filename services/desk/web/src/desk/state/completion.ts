// Whether a contact may be completed, and up to where.
import { AuthorKind } from "../../gen/haven/channels/v1/conversation_pb";
import { lastSequence } from "./messages";
import type { DeskState } from "./model";

const replies = (state: DeskState, contactId: string) =>
  state.outbox.filter((item) => item.contactId === contactId && item.kind === "reply" && item.state !== "held");

export function hasUnsent(state: DeskState, contactId: string): boolean {
  return replies(state, contactId).length > 0;
}

// All that is unsent is on its way.
export function isSending(state: DeskState, contactId: string): boolean {
  const unsent = replies(state, contactId);
  const live = state.online && state.link.state === "live";
  return live && unsent.length > 0 && unsent.every((item) => item.state !== "failed" && item.attempts === 0);
}

// The highest sequence of the conversation, when the agent has seen every word of the person; otherwise undefined.
export function seenThrough(state: DeskState, contactId: string): bigint | undefined {
  const view = state.feed.contacts.get(contactId);
  const conversationId = view?.contact?.conversationId ?? "";
  const log = state.feed.logs.get(conversationId) ?? [];
  const seen = state.seen.get(conversationId) ?? 0n;
  const last = lastSequence(log);
  if (!view || view.lastSequence > last) return undefined;
  if (log.some((m) => m.authorKind === AuthorKind.PERSON && m.sequence > seen)) return undefined;
  return last;
}
