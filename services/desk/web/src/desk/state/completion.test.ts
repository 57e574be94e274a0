import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AuthorKind, MessageSchema } from "../../gen/haven/channels/v1/conversation_pb";
import { ContactViewSchema } from "../../gen/haven/desk/v1/feed_service_pb";
import { hasUnsent, isSending, seenThrough } from "./completion";
import { initialState, type DeskState } from "./model";
import type { Outgoing } from "../outbox/queue";

const message = (sequence: number, authorKind: AuthorKind) => create(MessageSchema, { sequence: BigInt(sequence), authorKind });
const outgoing = (change: Partial<Outgoing> = {}): Outgoing => ({
  requestId: "r",
  kind: "reply",
  conversationId: "c",
  contactId: "k",
  epoch: "1",
  text: "x",
  createdAt: 0,
  state: "queued",
  attempts: 0,
  notBefore: 0,
  ...change,
});

function state(seen: number, lastSequence: number, outbox: Outgoing[] = []): DeskState {
  const base = initialState();
  const view = create(ContactViewSchema, { contact: { id: "k", conversationId: "c" }, lastSequence: BigInt(lastSequence) });
  const log = [message(1, AuthorKind.PERSON), message(2, AuthorKind.AGENT), message(3, AuthorKind.PERSON), message(4, AuthorKind.AGENT)];
  return {
    ...base,
    link: { state: "live", since: 0 },
    feed: { ...base.feed, contacts: new Map([["k", view]]), logs: new Map([["c", log]]) },
    seen: new Map([["c", BigInt(seen)]]),
    outbox,
  };
}

describe("completing", () => {
  it("covers the agent's own words once the person's are seen", () => {
    expect(seenThrough(state(3, 4), "k")).toBe(4n);
  });

  it("is refused while a word of the person is unseen or not here yet", () => {
    expect(seenThrough(state(2, 4), "k")).toBeUndefined();
    expect(seenThrough(state(4, 5), "k")).toBeUndefined();
    expect(seenThrough(state(4, 4), "unknown")).toBeUndefined();
  });

  it("waits for what is on its way, not for what cannot go", () => {
    expect(isSending(state(4, 4, [outgoing()]), "k")).toBe(true);
    expect(isSending(state(4, 4, [outgoing({ attempts: 2 })]), "k")).toBe(false);
    expect(isSending(state(4, 4, [outgoing({ state: "failed" })]), "k")).toBe(false);
    expect(isSending({ ...state(4, 4, [outgoing()]), online: false }, "k")).toBe(false);
    expect(hasUnsent(state(4, 4, [outgoing({ state: "failed" })]), "k")).toBe(true);
    expect(hasUnsent(state(4, 4, [outgoing({ state: "held" }), outgoing({ kind: "note" })]), "k")).toBe(false);
  });
});
