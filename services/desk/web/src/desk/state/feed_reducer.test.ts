import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { AuthorKind, DeliveryState, MessageKind, MessageSchema, type Message } from "../../gen/haven/channels/v1/conversation_pb";
import { ContactViewSchema, WatchResponseSchema, type ContactView, type WatchResponse } from "../../gen/haven/desk/v1/feed_service_pb";
import { Activity, AgentStateSchema, AssignmentSchema, AssignmentState, ReservationSchema, type AgentState } from "../../gen/haven/routing/v1/routing_pb";
import { feedEffects } from "./feed_effects";
import { reduceFeed } from "./feed_reducer";
import { emptyFeed, epochOf, type FeedState } from "./feed_state";
import { hasEarlier, mergeMessages, mergeNewest } from "./messages";

const message = (sequence: number, change: Partial<Message> = {}): Message =>
  create(MessageSchema, {
    id: `m${sequence}`,
    conversationId: "c1",
    contactId: "k1",
    sequence: BigInt(sequence),
    authorKind: AuthorKind.PERSON,
    kind: MessageKind.TEXT,
    text: `text ${sequence}`,
    ...change,
  } as never);

const agent = (version: number, contacts: readonly (readonly [string, number])[] = [], reservations: readonly string[] = []): AgentState =>
  create(AgentStateSchema, {
    agentId: "a1",
    activity: Activity.AVAILABLE,
    version: BigInt(version),
    assignments: contacts.map(([contactId, epoch]) =>
      create(AssignmentSchema, { contactId, conversationId: "c1", epoch: BigInt(epoch), state: AssignmentState.ASSIGNED }),
    ),
    reservations: reservations.map((id) => create(ReservationSchema, { id, contactId: `k-${id}` })),
  });

const view = (epoch: number, lastSequence: number, messages: Message[] = []): ContactView =>
  create(ContactViewSchema, { contact: { id: "k1", conversationId: "c1", epoch: BigInt(epoch) }, lastSequence: BigInt(lastSequence), messages });

const offer = (id: string) => ({ reservation: { id, contactId: `k-${id}` }, contact: { contact: { id: `k-${id}`, conversationId: "c2" } } });

const response = (cursor: string, item: WatchResponse["item"] | object): WatchResponse => create(WatchResponseSchema, { cursor, item } as never);
const update = (cursor: string, value: object) => response(cursor, { case: "update", value });
const snapshot = (cursor: string, value: object) => response(cursor, { case: "snapshot", value });

const play = (responses: readonly WatchResponse[], from: FeedState = emptyFeed): FeedState =>
  responses.reduce((state, r) => reduceFeed(state, { kind: "response", response: r, receivedAt: 1000 }), from);

const texts = (state: FeedState) => state.logs.get("c1")?.map((m) => m.text);

describe("feed reducer", () => {
  const story = [
    snapshot("1", { agent: agent(1, [["k1", 2]]), contacts: [view(2, 3, [message(2), message(3)])], hubTime: timestampFromMs(5000) }),
    update("2", { messages: [message(4)] }),
    update("3", { agent: agent(2, [["k1", 2]], ["r1"]), offers: [offer("r1")] }),
    update("4", { messages: [message(5, { deliveryState: DeliveryState.SENT }), message(6)] }),
    update("5", { messages: [message(5, { deliveryState: DeliveryState.READ })] }),
    update("6", { agent: agent(3, [["k1", 3]]), contacts: [view(3, 6)] }),
  ];

  it("tells a story once", () => {
    const state = play(story);
    expect(texts(state)).toEqual(["text 2", "text 3", "text 4", "text 5", "text 6"]);
    expect(state.offers.size).toBe(0);
    expect(state.cursor).toBe("6");
    expect(state.hubOffsetMs).toBe(4000);
    expect(epochOf(state, "k1")).toBe(3n);
  });

  it("gives the same result when any stretch of updates is repeated", () => {
    const once = play(story);
    for (let from = 1; from < story.length; from++) {
      for (let to = from; to <= story.length; to++) {
        const again = play([...story.slice(0, to), ...story.slice(from)]);
        expect(texts(again)).toEqual(texts(once));
        expect(again.agent?.version).toBe(3n);
        expect(again.contacts.get("k1")?.contact?.epoch).toBe(3n);
        expect(again.logs.get("c1")?.[3]?.deliveryState).toBe(DeliveryState.READ);
      }
    }
  });

  it("does not let an older agent state take back a newer one", () => {
    const state = play([update("7", { agent: agent(2, [], ["r1"]) })], play(story));
    expect(state.agent?.version).toBe(3n);
    expect(state.agent?.assignments).toHaveLength(1);
  });

  it("drops offers that the agent's state no longer names", () => {
    const offered = play(story.slice(0, 3));
    expect([...offered.offers.keys()]).toEqual(["r1"]);
    expect(play([update("x", { agent: agent(9, [["k1", 2]]) })], offered).offers.size).toBe(0);
  });

  it("forgets everything with the snapshot after a reset, and not before", () => {
    const reset = play([response("", { case: "reset", value: true })], play(story));
    expect(reset.synced).toBe(false);
    expect(reset.cursor).toBe("");
    expect(texts(reset)).toHaveLength(5);
    const fresh = play([snapshot("z", { agent: agent(1, [["k1", 7]]), contacts: [view(7, 9, [message(9)])] })], reset);
    expect(texts(fresh)).toEqual(["text 9"]);
    expect(fresh.synced).toBe(true);
  });

  it("keeps what is held when SetActivity answers without lists", () => {
    const state = reduceFeed(play(story), { kind: "activity", agent: create(AgentStateSchema, { activity: Activity.BREAK, version: 4n }) });
    expect(state.agent?.activity).toBe(Activity.BREAK);
    expect(state.agent?.assignments).toHaveLength(1);
  });

  it("moves an accepted offer among the contacts before the feed says so", () => {
    const offered = play(story.slice(0, 3));
    const assignment = create(AssignmentSchema, { contactId: "k-r1", conversationId: "c2", epoch: 4n, state: AssignmentState.ASSIGNED });
    const state = reduceFeed(offered, { kind: "accepted", reservationId: "r1", assignment });
    expect(state.offers.size).toBe(0);
    expect(state.contacts.has("k-r1")).toBe(true);
    expect(epochOf(state, "k-r1")).toBe(4n);
  });
});

describe("messages", () => {
  it("are in order whatever the order of arrival", () => {
    const log = [3, 1, 2].reduce((l, n) => mergeMessages(l, [message(n)]), mergeMessages([], [message(2)]));
    expect(log.map((m) => Number(m.sequence))).toEqual([1, 2, 3]);
  });

  it("wait for what an answer of ours has overtaken", () => {
    const overtaken = mergeMessages([message(1), message(2)], [message(4)]);
    expect(mergeMessages(overtaken, [message(3)]).map((m) => Number(m.sequence))).toEqual([1, 2, 3, 4]);
  });

  it("never keep a hole before a view: the older side is dropped and can be fetched", () => {
    const log = mergeNewest([message(1), message(2)], [message(5), message(6)]);
    expect(log.map((m) => Number(m.sequence))).toEqual([5, 6]);
    expect(hasEarlier(log)).toBe(true);
    expect(mergeNewest([message(1), message(2)], [message(3)]).length).toBe(3);
    expect(mergeNewest([message(6)], [message(4), message(5)]).map((m) => Number(m.sequence))).toEqual([4, 5, 6]);
  });

  it("advance in delivery and never go back", () => {
    const read = mergeMessages([message(1, { deliveryState: DeliveryState.READ })], [message(1, { deliveryState: DeliveryState.SENT })]);
    expect(read[0]?.deliveryState).toBe(DeliveryState.READ);
    const failed = mergeMessages(read, [message(1, { deliveryState: DeliveryState.FAILED })]);
    expect(failed[0]?.deliveryState).toBe(DeliveryState.FAILED);
  });

  it("are the same log when nothing is new", () => {
    const log = mergeMessages([], [message(1), message(2)]);
    expect(mergeMessages(log, [])).toBe(log);
  });
});

describe("feed effects", () => {
  const before = play([snapshot("1", { agent: agent(1, [["k1", 2]]), contacts: [view(2, 1, [message(1)])] })]);

  it("announce an offer once", () => {
    const after = play([update("2", { agent: agent(2, [["k1", 2]], ["r1"]), offers: [offer("r1")] })], before);
    expect(feedEffects(before, after).map((e) => e.kind)).toEqual(["offer"]);
    expect(feedEffects(after, play([update("2", { agent: agent(2, [["k1", 2]], ["r1"]), offers: [offer("r1")] })], after))).toEqual([]);
  });

  it("tell new words of the person, not our own and not those of the first sight", () => {
    expect(feedEffects(emptyFeed, before).map((e) => e.kind)).toEqual([]);
    const after = play([update("2", { messages: [message(2), message(3, { authorKind: AuthorKind.AGENT })] })], before);
    expect(feedEffects(before, after)).toMatchObject([{ kind: "message", message: { text: "text 2" } }]);
  });

  it("see a contact that comes back from closing", () => {
    const closing = reduceFeed(before, {
      kind: "assignment",
      assignment: create(AssignmentSchema, { contactId: "k1", epoch: 2n, state: AssignmentState.CLOSING }),
    });
    const after = play([update("2", { agent: agent(2, [["k1", 3]]) })], closing);
    expect(feedEffects(closing, after)).toMatchObject([{ kind: "reopened", contactId: "k1" }]);
  });

  it("see a contact that has gone", () => {
    const after = play([update("2", { agent: agent(2) })], before);
    expect(feedEffects(before, after)).toMatchObject([{ kind: "gone", contactId: "k1", wasWrappingUp: false }]);
  });
});
