// The rules of the queue of outgoing replies, without storage, network or clock.
import type { Failure, Trouble } from "../api/errors";

export type OutgoingKind = "reply" | "note";

// queued: waits for its turn or the line. sending: a call is under way. failed: needs a person's decision.
// held: left by an earlier sign-in; its author decides.
export type OutgoingState = "queued" | "sending" | "failed" | "held";

export interface Outgoing {
  // The call's request_id: a repeat is answered with the first result.
  readonly requestId: string;
  readonly kind: OutgoingKind;
  readonly conversationId: string;
  readonly contactId: string;
  // Decimal; the epoch under which it was written.
  readonly epoch: string;
  readonly text: string;
  readonly createdAt: number;
  readonly state: OutgoingState;
  readonly trouble?: Trouble;
  readonly attempts: number;
  // Not before this time, milliseconds.
  readonly notBefore: number;
}

// Of each conversation only the oldest unsent reply may go, so that the person reads them in the order of writing. A failed
// one keeps those behind it: the agent decides first.
export function nextToSend(items: readonly Outgoing[], now: number): Outgoing | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item.conversationId)) continue;
    seen.add(item.conversationId);
    if (item.state === "queued" && item.notBefore <= now) return item;
  }
  return undefined;
}

// When to look again, milliseconds from now; undefined when nothing waits for time alone.
export function nextWait(items: readonly Outgoing[], now: number): number | undefined {
  let least: number | undefined;
  for (const item of items) {
    if (item.state !== "queued" || item.notBefore <= now) continue;
    const wait = item.notBefore - now;
    if (least === undefined || wait < least) least = wait;
  }
  return least;
}

// A reply goes out only while the contact is held under the epoch it was written in. A note belongs to the conversation.
export function mayStillGo(item: Outgoing, heldEpoch: bigint | undefined): boolean {
  return item.kind === "note" || (heldEpoch !== undefined && heldEpoch === BigInt(item.epoch));
}

export function afterFailure(item: Outgoing, failure: Failure, now: number, waitMs: number): Outgoing {
  switch (failure.trouble) {
    case "unreachable":
    case "bug":
      // A mistake of the hub may pass; three in a row will not.
      if (failure.trouble === "bug" && item.attempts >= 2) break;
      return { ...item, state: "queued", attempts: item.attempts + 1, notBefore: now + waitMs };
    case "throttled":
      return { ...item, state: "queued", notBefore: now + (failure.retryAfter ?? 5) * 1000 };
    case "signed-out":
      return { ...item, state: "queued" };
    default:
      break;
  }
  return { ...item, state: "failed", trouble: failure.trouble };
}

export function replace(items: readonly Outgoing[], item: Outgoing): Outgoing[] {
  return items.map((other) => (other.requestId === item.requestId ? item : other));
}

export function without(items: readonly Outgoing[], requestId: string): Outgoing[] {
  return items.filter((item) => item.requestId !== requestId);
}

export function inOrder(items: readonly Outgoing[]): Outgoing[] {
  return [...items].sort((a, b) => a.createdAt - b.createdAt);
}
