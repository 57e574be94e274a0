// The whole state of a desk tab.
import type { HubSpec } from "../../gen/haven/directory/v1/hub_pb";
import type { User } from "../../gen/haven/directory/v1/hub_pb";
import type { Contact } from "../../gen/haven/channels/v1/conversation_pb";
import type { QueueFigures } from "../../gen/haven/routing/v1/routing_pb";
import type { Link } from "../feed/loop";
import type { Outgoing } from "../outbox/queue";
import { emptyFeed, type FeedState } from "./feed_state";
import { defaultSettings, type Settings } from "./settings";

export type Session =
  | { readonly state: "checking" }
  // `ended`: there was a session and it is over without the person asking for it.
  | { readonly state: "signed-out"; readonly ended: boolean; readonly unreachable?: boolean }
  | { readonly state: "signed-in"; readonly user: User };

export type Mode = "reply" | "note";

export interface Draft {
  readonly text: string;
  // Written here and not yet acknowledged by the hub.
  readonly dirty: boolean;
}

export interface WrapUpForm {
  readonly disposition: string;
  readonly note: string;
  readonly finishing: boolean;
  // Finish as soon as the hub has confirmed the closing.
  readonly wanted: boolean;
}

export type Overlay =
  | { readonly kind: "palette" }
  | { readonly kind: "shortcuts" }
  | { readonly kind: "settings" }
  | { readonly kind: "transfer"; readonly contactId: string }
  | { readonly kind: "sign-out" }
  | { readonly kind: "held" }
  | { readonly kind: "queues" };

export type ToastKind = "info" | "ok" | "warn" | "danger";

export interface Toast {
  readonly id: number;
  readonly kind: ToastKind;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

// The part a phone shows; wider screens show several at once.
export type Screen = "list" | "conversation" | "person";

export interface History {
  readonly state: "loading" | "ready" | "failed";
  readonly contacts: readonly Contact[];
  readonly nextPage: string;
}

export interface DeskState {
  readonly session: Session;
  readonly settings: Settings;
  readonly hub: HubSpec | null;
  readonly users: ReadonlyMap<string, User>;
  readonly feed: FeedState;
  readonly link: Link;
  readonly online: boolean;
  readonly outbox: readonly Outgoing[];
  // Whether unsent replies would survive closing the browser.
  readonly durable: boolean;
  // By draftKey().
  readonly drafts: ReadonlyMap<string, Draft>;
  // By conversation id, as the next three.
  readonly seen: ReadonlyMap<string, bigint>;
  readonly loadingEarlier: ReadonlySet<string>;
  readonly history: ReadonlyMap<string, History>;
  // By contact id.
  readonly modes: ReadonlyMap<string, Mode>;
  readonly wrapUps: ReadonlyMap<string, WrapUpForm>;
  // Contacts that came back because a message arrived while they were being closed.
  readonly reopened: ReadonlySet<string>;
  readonly selected: string | null;
  readonly screen: Screen;
  readonly personOpen: boolean;
  readonly overlay: Overlay | null;
  readonly toasts: readonly Toast[];
  // What is under way, "accept:<id>" and the like; its button waits.
  readonly pending: ReadonlySet<string>;
  readonly figures: readonly QueueFigures[] | null;
  readonly announcement: { readonly text: string; readonly urgent: boolean; readonly count: number };
}

export function initialState(settings: Settings = defaultSettings): DeskState {
  return {
    session: { state: "checking" },
    settings,
    hub: null,
    users: new Map(),
    feed: emptyFeed,
    link: { state: "connecting", since: Date.now() },
    online: true,
    outbox: [],
    durable: true,
    drafts: new Map(),
    seen: new Map(),
    loadingEarlier: new Set(),
    history: new Map(),
    modes: new Map(),
    wrapUps: new Map(),
    reopened: new Set(),
    selected: null,
    screen: "list",
    personOpen: false,
    overlay: null,
    toasts: [],
    pending: new Set(),
    figures: null,
    announcement: { text: "", urgent: false, count: 0 },
  };
}

// Copies of collections with one entry changed.
export function mapWith<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

export function mapWithout<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
}

export function setWith<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  return set.has(item) ? set : new Set(set).add(item);
}

export function setWithout<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  if (!set.has(item)) return set;
  const next = new Set(set);
  next.delete(item);
  return next;
}
