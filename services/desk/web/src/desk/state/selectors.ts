// Questions that views ask of the state.
import { AuthorKind, DeliveryState, MessageKind, type Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { ContactView, Offer } from "../../gen/haven/desk/v1/feed_service_pb";
import { AssignmentState, type Assignment } from "../../gen/haven/routing/v1/routing_pb";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Outgoing } from "../outbox/queue";
import { assignmentOf, type MessageLog } from "./feed_state";
import type { DeskState } from "./model";

const NO_MESSAGES: MessageLog = [];
const NOTHING_UNSENT: readonly Outgoing[] = [];

export function dateOf(t: Timestamp | undefined): Date | undefined {
  return t ? new Date(Number(t.seconds) * 1000 + Math.floor(t.nanos / 1e6)) : undefined;
}

// The hub's clock as this browser believes it to be.
export function hubNow(state: DeskState): number {
  return Date.now() + state.feed.hubOffsetMs;
}

export interface HeldContact {
  readonly assignment: Assignment;
  readonly view: ContactView | undefined;
}

// My contacts in a steady order: as they were taken, wrap-ups where they were.
export function heldContacts(state: DeskState): readonly HeldContact[] {
  const list = (state.feed.agent?.assignments ?? []).map((assignment) => ({
    assignment,
    view: state.feed.contacts.get(assignment.contactId),
  }));
  return list.sort((a, b) => Number((a.assignment.assignTime?.seconds ?? 0n) - (b.assignment.assignTime?.seconds ?? 0n)));
}

export function openOffers(state: DeskState): readonly Offer[] {
  return [...state.feed.offers.values()].sort((a, b) =>
    Number((a.reservation?.deadlineTime?.seconds ?? 0n) - (b.reservation?.deadlineTime?.seconds ?? 0n)),
  );
}

export function selectedView(state: DeskState): ContactView | undefined {
  return state.selected ? state.feed.contacts.get(state.selected) : undefined;
}

export function selectedAssignment(state: DeskState): Assignment | undefined {
  return state.selected ? assignmentOf(state.feed, state.selected) : undefined;
}

export function isWrappingUp(assignment: Assignment | undefined): boolean {
  return assignment?.state === AssignmentState.CLOSING || assignment?.state === AssignmentState.WRAP_UP;
}

export function logOf(state: DeskState, conversationId: string | undefined): MessageLog {
  return (conversationId && state.feed.logs.get(conversationId)) || NO_MESSAGES;
}

// What the feed has already brought back is not unsent, whichever tab sent it and whether its answer has come or not.
export function unsentOf(state: DeskState, conversationId: string): readonly Outgoing[] {
  const mine = state.outbox.filter((item) => item.conversationId === conversationId && item.state !== "held");
  if (mine.length === 0) return NOTHING_UNSENT;
  const arrived = new Set(logOf(state, conversationId).map((m) => m.requestId));
  return mine.filter((item) => !arrived.has(item.requestId));
}

export function unreadCount(state: DeskState, conversationId: string): number {
  const seen = state.seen.get(conversationId) ?? 0n;
  return logOf(state, conversationId).filter((m) => m.authorKind === AuthorKind.PERSON && m.sequence > seen).length;
}

// What a card shows of the conversation: the last thing said by anybody, not events.
export function lastSaid(log: MessageLog): Message | undefined {
  for (let i = log.length - 1; i >= 0; i--) if (log[i]!.kind !== MessageKind.EVENT) return log[i];
  return undefined;
}

// Since when the person waits for an answer of a human being; undefined when the last word is ours.
export function waitingSince(log: MessageLog): Date | undefined {
  let since: Date | undefined;
  for (let i = log.length - 1; i >= 0; i--) {
    const message = log[i]!;
    if (message.kind !== MessageKind.TEXT) continue;
    if (message.authorKind === AuthorKind.AGENT) return since;
    if (message.authorKind === AuthorKind.PERSON) since = dateOf(message.createTime);
  }
  return since;
}

// Delivery as shown: the person's read mark covers everything up to it.
export function shownDelivery(message: Message, personSeen: bigint): DeliveryState {
  if (message.deliveryState === DeliveryState.FAILED) return DeliveryState.FAILED;
  if (message.deliveryState !== DeliveryState.UNSPECIFIED && message.sequence <= personSeen) return DeliveryState.READ;
  return message.deliveryState;
}
