// Merging messages into a log: by sequence, newest delivery state, one contiguous run.
import { DeliveryState, type Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { MessageLog } from "./feed_state";

// Order in which delivery advances. A refusal is final wherever it comes.
const RANK: Readonly<Record<DeliveryState, number>> = {
  [DeliveryState.UNSPECIFIED]: 0,
  [DeliveryState.SENT]: 1,
  [DeliveryState.PERHAPS_SENT]: 2,
  [DeliveryState.DELIVERED]: 3,
  [DeliveryState.READ]: 4,
  [DeliveryState.FAILED]: 5,
};

function newer(known: Message, next: Message): Message {
  const rank = (m: Message) => RANK[m.deliveryState] ?? 0;
  if (rank(next) < rank(known)) return known;
  // The request id is sent to the author alone and only once; a later copy may lack it.
  return next.requestId || !known.requestId ? next : { ...next, requestId: known.requestId };
}

// Merges in any order and any overlap. A hole can remain for a moment: the answer to a call of ours may overtake what the feed
// is about to tell.
export function mergeMessages(log: MessageLog, incoming: readonly Message[]): MessageLog {
  if (incoming.length === 0) return log;
  const bySequence = new Map<bigint, Message>(log.map((m) => [m.sequence, m]));
  let changed = false;
  for (const message of incoming) {
    const known = bySequence.get(message.sequence);
    const next = known ? newer(known, message) : message;
    if (next !== known) {
      bySequence.set(message.sequence, next);
      changed = true;
    }
  }
  if (!changed) return log;
  return [...bySequence.values()].sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
}

// The newest messages of a conversation as a view brings them. Where they do not reach what is known, the older side is
// dropped: it can be fetched again, while a conversation with a silent hole would mislead.
export function mergeNewest(log: MessageLog, newest: readonly Message[]): MessageLog {
  const first = newest[0];
  if (!first) return log;
  const known = log.filter((m) => m.sequence >= first.sequence);
  const reaches = log.some((m) => m.sequence + 1n >= first.sequence);
  return mergeMessages(reaches ? log : known, newest);
}

export function lastSequence(log: MessageLog | undefined): bigint {
  return log?.at(-1)?.sequence ?? 0n;
}

export function hasEarlier(log: MessageLog | undefined): boolean {
  const first = log?.[0];
  return first !== undefined && first.sequence > 1n;
}
