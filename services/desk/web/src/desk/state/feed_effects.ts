// What a person should notice when the feed goes from one state to the next. Pure; who shows it is elsewhere.
import { AuthorKind, MessageKind, type Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { Offer } from "../../gen/haven/desk/v1/feed_service_pb";
import { Activity, AssignmentState } from "../../gen/haven/routing/v1/routing_pb";
import { assignmentOf, type FeedState } from "./feed_state";
import { lastSequence } from "./messages";

export type FeedEffect =
  | { readonly kind: "offer"; readonly offer: Offer }
  | { readonly kind: "offer-gone"; readonly offer: Offer }
  | { readonly kind: "missed" }
  | { readonly kind: "message"; readonly contactId: string; readonly message: Message }
  // Closing met a newer message: the contact is the agent's again.
  | { readonly kind: "reopened"; readonly contactId: string }
  | { readonly kind: "wrap-up"; readonly contactId: string }
  // No longer held, for whatever reason.
  | { readonly kind: "gone"; readonly contactId: string; readonly wasWrappingUp: boolean };

export function feedEffects(before: FeedState, after: FeedState): readonly FeedEffect[] {
  const effects: FeedEffect[] = [];
  for (const [id, offer] of after.offers) if (!before.offers.has(id)) effects.push({ kind: "offer", offer });
  for (const [id, offer] of before.offers) {
    const taken = assignmentOf(after, offer.reservation?.contactId ?? "") !== undefined;
    if (!after.offers.has(id) && !taken) effects.push({ kind: "offer-gone", offer });
  }
  const missed = (f: FeedState) => f.agent?.activity === Activity.MISSED_OFFER;
  if (missed(after) && !missed(before) && before.synced) effects.push({ kind: "missed" });
  if (after.agent && before.agent) effects.push(...assignmentEffects(before, after));
  if (before.synced) effects.push(...messageEffects(before, after));
  return effects;
}

function assignmentEffects(before: FeedState, after: FeedState): FeedEffect[] {
  const effects: FeedEffect[] = [];
  for (const old of before.agent?.assignments ?? []) {
    const now = assignmentOf(after, old.contactId);
    const wasWrappingUp = old.state !== AssignmentState.ASSIGNED;
    if (!now) effects.push({ kind: "gone", contactId: old.contactId, wasWrappingUp });
    else if (wasWrappingUp && now.state === AssignmentState.ASSIGNED) effects.push({ kind: "reopened", contactId: old.contactId });
  }
  for (const now of after.agent?.assignments ?? []) {
    const old = assignmentOf(before, now.contactId);
    if (now.state === AssignmentState.WRAP_UP && old?.state !== AssignmentState.WRAP_UP) {
      effects.push({ kind: "wrap-up", contactId: now.contactId });
    }
  }
  return effects;
}

function messageEffects(before: FeedState, after: FeedState): FeedEffect[] {
  const effects: FeedEffect[] = [];
  for (const { contactId } of after.agent?.assignments ?? []) {
    const conversationId = after.contacts.get(contactId)?.contact?.conversationId ?? "";
    const old = before.logs.get(conversationId);
    if (!old) continue; // the first sight of a conversation is not news
    const from = lastSequence(old);
    for (const message of after.logs.get(conversationId) ?? []) {
      if (message.sequence <= from || message.authorKind !== AuthorKind.PERSON || message.kind !== MessageKind.TEXT) continue;
      effects.push({ kind: "message", contactId, message });
    }
  }
  return effects;
}
