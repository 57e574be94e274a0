// The pure reducer of feed items. Rules: the newest version of an aggregate wins; a repeat changes nothing; what the agent's
// state no longer names is no longer shown.
import type { Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { ContactView, Offer, Snapshot, Update, WatchResponse } from "../../gen/haven/desk/v1/feed_service_pb";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { AgentState, Assignment } from "../../gen/haven/routing/v1/routing_pb";
import { emptyFeed, type FeedState } from "./feed_state";
import { mergeMessages, mergeNewest } from "./messages";

export type FeedEvent =
  | { readonly kind: "response"; readonly response: WatchResponse; readonly receivedAt: number }
  // Answers to calls of ours; the feed tells the same a moment later.
  | { readonly kind: "messages"; readonly messages: readonly Message[] }
  | { readonly kind: "accepted"; readonly reservationId: string; readonly assignment: Assignment }
  | { readonly kind: "assignment"; readonly assignment: Assignment }
  | { readonly kind: "released"; readonly contactId: string }
  | { readonly kind: "declined"; readonly reservationId: string }
  | { readonly kind: "activity"; readonly agent: AgentState }
  | { readonly kind: "contact"; readonly view: ContactView }
  | { readonly kind: "sign-out" };

// Views kept beyond those in use, so that a contact that just ended can still be read.
const SPARE_VIEWS = 40;

export function reduceFeed(state: FeedState, event: FeedEvent): FeedState {
  switch (event.kind) {
    case "response":
      return reduceResponse(state, event.response, event.receivedAt);
    case "messages":
      return withMessages(state, event.messages);
    case "accepted":
      return accepted(state, event.reservationId, event.assignment);
    case "assignment":
      return withAssignment(state, event.assignment);
    case "released":
      return withoutAssignment(state, event.contactId);
    case "declined":
      return withoutOffer(state, event.reservationId);
    case "activity":
      return withActivity(state, event.agent);
    case "contact":
      return withViews(state, [event.view]);
    case "sign-out":
      return emptyFeed;
  }
}

function reduceResponse(state: FeedState, response: WatchResponse, receivedAt: number): FeedState {
  const cursor = response.cursor || state.cursor;
  const item = response.item;
  switch (item.case) {
    case "reset":
      return { ...state, cursor: "", synced: false };
    case "snapshot":
      return { ...snapshot(item.value, receivedAt), cursor };
    case "update":
      return { ...update(state, item.value), cursor };
    case "heartbeatTime":
      return { ...state, cursor, hubOffsetMs: offset(item.value, receivedAt) };
    default:
      return { ...state, cursor };
  }
}

function snapshot(s: Snapshot, receivedAt: number): FeedState {
  let next: FeedState = { ...emptyFeed, synced: true, agent: s.agent ?? null };
  if (s.hubTime) next = { ...next, hubOffsetMs: offset(s.hubTime, receivedAt) };
  next = withOffers(next, s.offers);
  return pruned(withViews(next, s.contacts));
}

function update(state: FeedState, u: Update): FeedState {
  let next = withOffers(state, u.offers);
  next = withViews(next, u.contacts);
  next = withMessages(next, u.messages);
  if (u.agent && u.agent.version >= (next.agent?.version ?? 0n)) next = { ...next, agent: u.agent };
  return pruned(next);
}

function offset(hub: Timestamp, receivedAt: number): number {
  return Number(hub.seconds) * 1000 + Math.floor(hub.nanos / 1e6) - receivedAt;
}

function withOffers(state: FeedState, offers: readonly Offer[]): FeedState {
  if (offers.length === 0) return state;
  const next = new Map(state.offers);
  for (const offer of offers) if (offer.reservation) next.set(offer.reservation.id, offer);
  return { ...state, offers: next };
}

function withViews(state: FeedState, views: readonly ContactView[]): FeedState {
  if (views.length === 0) return state;
  const contacts = new Map(state.contacts);
  let next = state;
  for (const view of views) {
    if (!view.contact) continue;
    if (view.messages.length > 0) {
      const id = view.contact.conversationId;
      next = { ...next, logs: new Map(next.logs).set(id, mergeNewest(next.logs.get(id) ?? [], view.messages)) };
    }
    const known = contacts.get(view.contact.id);
    if (!known || !isOlder(view, known)) {
      contacts.delete(view.contact.id); // re-inserted last: the map keeps the order of change
      contacts.set(view.contact.id, { ...view, messages: [] });
    }
  }
  return { ...next, contacts };
}

function isOlder(view: ContactView, known: ContactView): boolean {
  const epoch = view.contact?.epoch ?? 0n;
  const knownEpoch = known.contact?.epoch ?? 0n;
  if (epoch !== knownEpoch) return epoch < knownEpoch;
  return view.lastSequence < known.lastSequence;
}

function withMessages(state: FeedState, messages: readonly Message[]): FeedState {
  if (messages.length === 0) return state;
  const byConversation = new Map<string, Message[]>();
  for (const message of messages) {
    const list = byConversation.get(message.conversationId);
    if (list) list.push(message);
    else byConversation.set(message.conversationId, [message]);
  }
  const logs = new Map(state.logs);
  for (const [id, list] of byConversation) logs.set(id, mergeMessages(logs.get(id) ?? [], list));
  return { ...state, logs };
}

function accepted(state: FeedState, reservationId: string, assignment: Assignment): FeedState {
  const view = state.offers.get(reservationId)?.contact;
  const next = view ? withViews(state, [view]) : state;
  return withAssignment(withoutOffer(next, reservationId), assignment);
}

function withAssignment(state: FeedState, assignment: Assignment): FeedState {
  if (!state.agent) return state;
  const known = state.agent.assignments.find((a) => a.contactId === assignment.contactId);
  if (known && known.epoch > assignment.epoch) return state;
  const rest = state.agent.assignments.filter((a) => a !== known);
  return { ...state, agent: { ...state.agent, assignments: [...rest, assignment] } };
}

function withoutAssignment(state: FeedState, contactId: string): FeedState {
  if (!state.agent) return state;
  const assignments = state.agent.assignments.filter((a) => a.contactId !== contactId);
  return { ...state, agent: { ...state.agent, assignments } };
}

function withoutOffer(state: FeedState, reservationId: string): FeedState {
  if (!state.agent) return state;
  const offers = new Map(state.offers);
  offers.delete(reservationId);
  const reservations = state.agent.reservations.filter((r) => r.id !== reservationId);
  return { ...state, offers, agent: { ...state.agent, reservations } };
}

// The answer to SetActivity carries no reservations and assignments: ours stay.
function withActivity(state: FeedState, agent: AgentState): FeedState {
  if (!state.agent || agent.version < state.agent.version) return state;
  const { activity, activityTime, present, version } = agent;
  return { ...state, agent: { ...state.agent, activity, activityTime, present, version } };
}

function pruned(state: FeedState): FeedState {
  if (!state.agent) return state;
  const open = new Set(state.agent.reservations.map((r) => r.id));
  const offers = new Map([...state.offers].filter(([id]) => open.has(id)));
  const held = new Set(state.agent.assignments.map((a) => a.contactId));
  const spare = [...state.contacts.keys()].filter((id) => !held.has(id));
  if (spare.length <= SPARE_VIEWS) return { ...state, offers };
  const contacts = new Map(state.contacts);
  for (const id of spare.slice(0, spare.length - SPARE_VIEWS)) contacts.delete(id);
  const conversations = new Set([...contacts.values()].map((v) => v.contact?.conversationId));
  const logs = new Map([...state.logs].filter(([id]) => conversations.has(id)));
  return { ...state, offers, contacts, logs };
}
