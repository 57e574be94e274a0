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

// Merges in any order and any overlap. Where a gap remains the older side is dropped: it can be fetched again, while a
// conversation with a silent hole would mislead.
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
  const sorted = [...bySequence.values()].sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  let start = sorted.length - 1;
  while (start > 0 && sorted[start - 1]!.sequence + 1n === sorted[start]!.sequence) start--;
  return start === 0 ? sorted : sorted.slice(start);
}

export function lastSequence(log: MessageLog | undefined): bigint {
  return log?.at(-1)?.sequence ?? 0n;
}

export function hasEarlier(log: MessageLog | undefined): boolean {
  const first = log?.[0];
  return first !== undefined && first.sequence > 1n;
}
