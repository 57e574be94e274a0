// The named states of the gallery.
import { create } from "@bufbuild/protobuf";
import { Activity, AgentStateSchema, AssignmentState, QueueFiguresSchema } from "../src/gen/haven/routing/v1/routing_pb";
import type { Outgoing } from "../src/desk/outbox/queue";
import { emptyFeed, type FeedState } from "../src/desk/state/feed_state";
import { initialState, type DeskState } from "../src/desk/state/model";
import { defaultSettings, type Settings } from "../src/desk/state/settings";
import { ago, assignment, contactOf, contactView, hub, logOfPerson, me, NOW, offer, pastContacts, within } from "./fixture";

const SELECTED = contactOf(0);

function base(settings: Partial<Settings>): DeskState {
  return {
    ...initialState({ ...defaultSettings, ...settings }),
    session: { state: "signed-in", user: me },
    hub,
    link: { state: "live", since: NOW - 400_000 },
  };
}

function agent(activity: Activity, feed: Partial<FeedState> = {}, count = 0, offers: number[] = []): FeedState {
  const indexes = [...Array(count).keys()];
  const shown = new Map(offers.map((i) => [`reservation-${i}`, offer(i)]));
  return {
    ...emptyFeed,
    synced: true,
    agent: create(AgentStateSchema, {
      agentId: me.id,
      activity,
      activityTime: ago(754_000),
      present: true,
      version: 9n,
      assignments: indexes.map(assignment),
      reservations: [...shown.values()].map((o) => o.reservation!),
    }),
    offers: shown,
    contacts: new Map(indexes.map((i) => [contactOf(i), contactView(i)])),
    logs: new Map(indexes.map((i) => [`conversation-${i}`, logOfPerson(i)])),
    ...feed,
  };
}

function outgoing(id: string, change: Partial<Outgoing>): Outgoing {
  return {
    requestId: id,
    kind: "reply",
    conversationId: "conversation-0",
    contactId: SELECTED,
    epoch: "3",
    text: "He may not put you out without a court, whatever he says.",
    createdAt: NOW - 20_000,
    state: "queued",
    attempts: 0,
    notBefore: 0,
    ...change,
  };
}

function busy(settings: Partial<Settings>): DeskState {
  const seen = new Map([...Array(12).keys()].map((i) => [`conversation-${i}`, i % 3 === 1 ? 5n : 99n]));
  return {
    ...base(settings),
    feed: agent(Activity.AVAILABLE, {}, 12),
    selected: SELECTED,
    screen: "conversation",
    seen: new Map([...seen, ["conversation-0", 39n]]),
    history: new Map([["conversation-0", { state: "ready", contacts: pastContacts(), nextPage: "" }]]),
    drafts: new Map([
      ["conversation-2", { text: "one moment", dirty: false }],
      ["conversation-0", { text: "Our lawyer Mr Nassar can call you ", dirty: true }],
    ]),
    outbox: [
      outgoing("o-1", { state: "failed", trouble: "lost-race", text: "I have found a place for you today, the address is…", contactId: contactOf(8), conversationId: "conversation-8" }),
      outgoing("o-2", { state: "failed", trouble: "bug" }),
      outgoing("o-3", { text: "And he may not come with other men. If he does, call us or 112, at any hour." }),
    ],
  };
}

const STATES: Readonly<Record<string, (settings: Partial<Settings>) => DeskState>> = {
  busy,
  list: (s) => ({ ...busy(s), screen: "list" }),
  person: (s) => ({ ...busy(s), screen: "person", personOpen: true }),
  empty: (s) => ({ ...base(s), feed: agent(Activity.AVAILABLE) }),
  away: (s) => ({ ...base(s), feed: agent(Activity.MISSED_OFFER) }),
  offer: (s) => ({ ...busy(s), screen: "list", feed: agent(Activity.AVAILABLE, {}, 5, [12]) }),
  offline: (s) => ({
    ...busy(s),
    online: false,
    link: { state: "reconnecting", since: NOW - 42_000 },
    outbox: [1, 2, 3].map((n) => outgoing(`o-${n}`, { text: `Reply number ${n}, written without a line.` })),
  }),
  reconnecting: (s) => ({ ...busy(s), link: { state: "reconnecting", since: NOW - 12_000 } }),
  "wrap-up": (s) => wrapUp(busy(s)),
  reopened: (s) => ({ ...busy(s), reopened: new Set([SELECTED]) }),
  note: (s) => ({ ...busy(s), modes: new Map([[SELECTED, "note"]]), drafts: new Map([["note/conversation-0", { text: "Ask Karim about the court in Tripoli", dirty: true }]]) }),
  palette: (s) => ({ ...busy(s), overlay: { kind: "palette" } }),
  settings: (s) => ({ ...busy(s), overlay: { kind: "settings" } }),
  shortcuts: (s) => ({ ...busy(s), overlay: { kind: "shortcuts" } }),
  transfer: (s) => ({ ...busy(s), overlay: { kind: "transfer", contactId: SELECTED } }),
  queues: (s) => ({
    ...busy(s),
    overlay: { kind: "queues" },
    figures: hub.queues.map((q, i) =>
      create(QueueFiguresSchema, { queue: q.key, waiting: i * 4, longestWaitStartTime: i ? ago(i * 91_000) : undefined, inProgress: 3 + i, agentsFree: i, agentsAvailable: 5 }),
    ),
  }),
  held: (s) => ({ ...busy(s), outbox: [outgoing("o-1", { state: "held" })], overlay: { kind: "held" } }),
  "sign-out": (s) => ({ ...busy(s), overlay: { kind: "sign-out" } }),
  "sign-in": (s) => ({ ...base(s), session: { state: "signed-out", ended: true }, outbox: [outgoing("o-1", {})] }),
  toasts: (s) => ({
    ...busy(s),
    toasts: [
      { id: 1, kind: "ok", text: "The contact was passed on." },
      { id: 2, kind: "warn", text: "The time for wrap-up is over. Your note has not been saved.", action: { label: "Save the note", run: () => {} } },
      { id: 3, kind: "danger", text: "The hub did not answer. Nothing was changed; try again." },
    ],
  }),
};

function wrapUp(state: DeskState): DeskState {
  const assignments = state.feed.agent!.assignments.map((a) =>
    a.contactId === SELECTED ? { ...a, state: AssignmentState.WRAP_UP, wrapUpEndTime: within(74_000) } : a,
  );
  return {
    ...state,
    outbox: [],
    feed: { ...state.feed, agent: { ...state.feed.agent!, assignments } },
    wrapUps: new Map([[SELECTED, { disposition: "referred", note: "Lawyer calls tomorrow at ten.", finishing: false, wanted: false }]]),
  };
}

export function stateNamed(name: string, settings: Partial<Settings>): DeskState {
  return (STATES[name] ?? busy)(settings);
}

export const stateNames = Object.keys(STATES);
