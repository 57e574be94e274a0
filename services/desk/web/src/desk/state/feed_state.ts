// What the feed has told so far. Pure and immutable: the reducer makes the next one.
import type { Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { ContactView, Offer } from "../../gen/haven/desk/v1/feed_service_pb";
import type { AgentState, Assignment } from "../../gen/haven/routing/v1/routing_pb";

// A contiguous run of messages, newest at the end; older ones are fetched when asked for.
export type MessageLog = readonly Message[];

export interface FeedState {
  readonly agent: AgentState | null;
  // By reservation id.
  readonly offers: ReadonlyMap<string, Offer>;
  // By contact id; their messages live in `logs`.
  readonly contacts: ReadonlyMap<string, ContactView>;
  // By conversation id.
  readonly logs: ReadonlyMap<string, MessageLog>;
  // Where to continue.
  readonly cursor: string;
  // Hub's clock minus ours, milliseconds.
  readonly hubOffsetMs: number;
  // A snapshot has arrived and no reset since.
  readonly synced: boolean;
}

export const emptyFeed: FeedState = {
  agent: null,
  offers: new Map(),
  contacts: new Map(),
  logs: new Map(),
  cursor: "",
  hubOffsetMs: 0,
  synced: false,
};

export function assignmentOf(feed: FeedState, contactId: string): Assignment | undefined {
  return feed.agent?.assignments.find((a) => a.contactId === contactId);
}

// The epoch to send with: routing's word and channels' word may arrive in either order, the higher one is newer.
export function epochOf(feed: FeedState, contactId: string): bigint {
  const assigned = assignmentOf(feed, contactId)?.epoch ?? 0n;
  const seen = feed.contacts.get(contactId)?.contact?.epoch ?? 0n;
  return assigned > seen ? assigned : seen;
}
